# The verbs of this project. `make help` lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export PYTHON VENV
# Two workers for two cores; the browser tests share one built front end.
PYTEST := $(BIN)/python -m pytest
WORKERS ?= 2
# A file's tests share its servers; the files begin in the order of tests/conftest.py, the longest first.
WHOLE_FILES := --dist loadfile --no-loadscope-reorder
# What speaks SQL of its own; all others ask the database through it.
DATABASE_TESTS := $(wildcard $(addprefix tests/integration/test_,$(addsuffix .py,api_lists api_repeating audit* baseline* db facts forecast* \
  gathering* guidelines identity_* me outgoing planning_[acqt]* privacy* publishing quality_plans quality_reads queue queue_feeds ranking reads* replay report_* schedules* store* sweep webhook_inbox webhook_reads)))

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run dev test check conformance bench bench-large proxy-check audit lock format

help: ## list the verbs
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: ## make the virtual environment and install what runs the product
	@bash deploy/setup.sh run

setup-dev:
	@bash deploy/setup.sh dev

run: setup ## start everything with the demo company on http://localhost:8000
	@exec $(BIN)/python -m sprintreports up --demo

dev: setup-dev ## the same with hot reload of pages and code
	@exec $(BIN)/python -m sprintreports up --demo --reload

check: setup-dev ## lint, types, import contracts, declared dependencies, unit tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright --level error
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry . --config deploy/deptry.toml
	$(PYTEST) tests/unit tests/architecture -n $(WORKERS)

test: setup-dev ## check, then all tests on a real database and in a real browser, with coverage
	@bash deploy/install-browser.sh
	@bash deploy/install-nginx.sh || [ -z "$$CI" ]
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(BIN)/basedpyright --level error & types=$$!; \
	  $(BIN)/lint-imports --no-cache && $(BIN)/deptry . --config deploy/deptry.toml; rest=$$?; \
	  wait $$types && exit $$rest
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest tests/unit tests/architecture tests/integration tests/migrations -n $(WORKERS) $(WHOLE_FILES)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report
	$(PYTEST) tests/browser
	@if [ -x /usr/lib/postgresql/15/bin/postgres ]; then \
	  echo "The migrations and the tests of what asks the database, on Debian's PostgreSQL 15"; \
	  SPRINTREPORTS_TEST_POSTGRES=/usr/lib/postgresql/15/bin $(PYTEST) tests/migrations $(DATABASE_TESTS) -n $(WORKERS) $(WHOLE_FILES); \
	else echo "PostgreSQL 15 is not installed here: tested on the wheel's PostgreSQL alone."; fi

conformance: setup-dev ## against the recordings in ../shared/data (fails when they are absent)
	@test -d ../shared/data || { echo "sprintreports: ../shared/data is absent, so nothing was checked against it." >&2; exit 1; }
	$(PYTEST) tests/conformance -n $(WORKERS) --dist loadfile

bench: setup-dev ## measure speed and memory; figures into docs/benchmarks.md
	$(BIN)/python -m benchmarks

bench-large: setup-dev ## facts queries over 100 million changes (about 90 minutes, 40 GB of disk)
	$(BIN)/python -m benchmarks --large

proxy-check: setup-dev ## deploy/nginx.conf before a running web process: TLS, web sockets, who is believed
	@bash deploy/install-nginx.sh
	$(PYTEST) tests/integration/test_proxy_nginx.py tests/unit/ui/test_forwarded.py

audit: setup-dev ## known vulnerabilities of what is pinned
	@bash deploy/audit.sh

lock: setup-dev ## compile requirements.in and requirements-dev.in again
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q -o requirements.txt requirements.in
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q -o requirements-dev.txt requirements-dev.in

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
