# Two commands matter: `make run` runs PeepoPay here, `make test` proves it. Both install what they need.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
UV_COMPILE := $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url

# Where it is set, each of the hundreds of programs that the tests start would compile everything anew: 2 s of computing.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: $(shell sed -nE 's/^([a-z-]+):.*/\1/p' $(MAKEFILE_LIST))
.DEFAULT_GOAL := help

run: install ## run everything here until Ctrl-C (PORT=8000)
	@exec $(BIN)/python -m local run

test: install-test ## set up and run every test; pytest's closing line comes last
	@PATH="$(CURDIR)/.data/node/bin:$$PATH" npm --prefix widget run --silent lint
	@PATH="$(CURDIR)/.data/node/bin:$$PATH" npm --prefix widget test --silent
	@$(BIN)/pytest $(or $(ARGS),-n 3)

test-fast: install ## the tests that need no whole product: under two minutes, for daily work
	@$(BIN)/pytest -n 2 -m "not slow" $(ARGS)

fuzz: install ## requests made of the API's description, sent to the web server: make fuzz CASES=50000
	@FUZZ_CASES=$(or $(CASES),5000) $(BIN)/pytest web/tests/fuzz --log-cli-level=INFO

manage: ## manage.py against what `make run` runs: make manage do="check_invariants"
	@$(BIN)/python -m local manage $(do)

demo: ## a plumber's past and future for what `make run` runs: make demo DAYS=90
	@$(BIN)/python -m local demo $(or $(DAYS),90)

lint: install ## what .ci/run checks before the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --lint --quiet templates

fmt: install ## put everything into the common format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	@PATH="$(CURDIR)/.data/node/bin:$$PATH" npm --prefix widget run --silent format

types: install ## check the types
	$(BIN)/python -m local offline -m mypy

schema: install ## write docs/openapi.yaml from the code, and the widget's types from that
	$(BIN)/python -m local schema docs/openapi.yaml
	@PATH="$(CURDIR)/.data/node/bin:$$PATH" npm --prefix widget run --silent types

nginx-files: install ## write the headers and words that nginx has from Django
	$(BIN)/python -m local nginx-files deploy/nginx

calendars: install ## a thousand edits here and on Radicale and Xandikos, in any order (EDITS=1000)
	@CALENDAR_EDITS=$(or $(EDITS),1000) $(BIN)/pytest bookings/tests/test_calendar_sync.py -k random_edits

lock: install ## take the newest versions that the .in files allow, with hashes
	$(UV_COMPILE) --upgrade requirements.in -o requirements.txt
	$(UV_COMPILE) --upgrade requirements-dev.in -o requirements-dev.txt
	$(UV_COMPILE) --upgrade requirements-node.in -o requirements-node.txt
	$(UV_COMPILE) --upgrade requirements-build.in -o requirements-build.txt

bench: install ## measure speed against a bare server and pgbench, in one run
	@$(BIN)/python -m bench

bench-docs: install ## the same, and write docs/benchmarks.md with its charts; on a machine that does nothing else
	@$(BIN)/python -m bench --write docs

soak: install-test ## half an hour of customers, and whether memory, connections or rows grow (MINUTES=30)
	@MINUTES=$(MINUTES) $(BIN)/python -m bench soak

rollout: install-test ## new versions with migrations go out while customers book; nobody may notice (TIMES=10)
	@TIMES=$(TIMES) $(BIN)/python -m local.chaos.rollout

chaos: install-test ## customers book while everything breaks, then it is reckoned up (SECONDS=300 SEED=1)
	@SECONDS=$(SECONDS) SEED=$(SEED) $(BIN)/python -m local.chaos

pictures: ## draw docs/images/*.svg from docs/pictures/*.dot (needs Graphviz: apt-get install graphviz)
	@for text in docs/pictures/*.dot; do dot -Tsvg $$text -o docs/images/$$(basename $$text .dot).svg; done

board: install-test ## draw docs/images/board.svg: the board of deploy/grafana with what it finds while customers book (MINUTES=20)
	@$(BIN)/python -m local.board $(or $(MINUTES),20)

screenshots: install ## take the pictures in README.md and on the home page anew
	@$(BIN)/python -m local.screenshots

clean: ## throw away the local data, builds and caches; .venv stays
	@test ! -x $(BIN)/python || $(BIN)/python -m local clean
	rm -rf .data staticfiles widget/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

install:
	@$(if $(PYTHON),,echo "PeepoPay needs Python 3.11 or later, and found none. On Debian: apt-get install python3 python3-venv" >&2; exit 1;) \
	$(PYTHON) local/bootstrap.py

install-test:
	@$(if $(PYTHON),,echo "PeepoPay needs Python 3.11 or later, and found none. On Debian: apt-get install python3 python3-venv" >&2; exit 1;) \
	$(PYTHON) local/bootstrap.py test

help:
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18
