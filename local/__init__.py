"""What runs PeepoPay on a developer's machine: servers, `make run`, test fixtures. Never in production."""
