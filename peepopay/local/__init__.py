"""Everything that runs PeepoPay on a developer's own machine: servers, `make run`, test fixtures. Never in production."""
