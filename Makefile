# Two commands matter: `make demo` shows the program at work, `make test` runs its tests. Both make their own
# environment in .venv first. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export LC_ALL := C.UTF-8

VENV := .venv
BIN := $(VENV)/bin
# Two more than the two cores of CI: many tests wait for processes, terminals and clocks.
JOBS ?= 4

# The first of these that runs and is 3.11 or newer; PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)

.PHONY: help demo test check static soak bench screens fmt format lint types contracts venv clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

demo: $(VENV)/.runtime ## the whole story on two laptops and a central, then the terminal app
	@$(BIN)/guanjia demo $(ARGS)

test: $(VENV)/.dev ## the tests (ARGS="…" goes to pytest)
	@$(BIN)/pytest -n $(JOBS) --dist worksteal $(ARGS)

check: $(VENV)/.dev ## all that must pass: format, lint, strict types, import contracts, tests
	@$(MAKE) --no-print-directory --jobs 2 static test

static: format lint types contracts ## all of check but the tests

# More of what the suite proves with few seeds: about half an hour on two cores. TESTS_SOAK picks the long proofs.
soak: export TESTS_SOAK := 1
soak: export TESTS_PROFILE := long
soak: export GUANJIA_SEEDS ?= 200
soak: export GUANJIA_FIRST_SEED ?= 1000
soak: export GUANJIA_KILLS ?= 2000
soak: export TESTS_ROUND_KILLS ?= 600
soak: export TESTS_LIST_SEEDS ?= 60
soak: $(VENV)/.dev ## the long proofs: many seeds, many examples of each property, many kills
	@$(BIN)/pytest -n $(JOBS) --dist worksteal $(ARGS)

format: $(VENV)/.dev ## is every file formatted?
	@$(BIN)/ruff format --check --quiet --diff

lint: $(VENV)/.dev ## ruff
	@$(BIN)/ruff check --quiet

types: $(VENV)/.dev ## mypy --strict, tests included
	@$(BIN)/mypy

contracts: $(VENV)/.dev ## who may import whom (pyproject.toml)
	@$(BIN)/lint-imports --no-cache

bench: $(VENV)/.dev ## our times ÷ a bare floor's, side by side (ARGS="--lines 10000 --only push")
	@$(BIN)/python -m tests.bench $(ARGS)

screens: $(VENV)/.dev ## draw the pictures of the README anew, from the real screens
	@$(BIN)/python -m tests.tui.pictures .pictures

fmt: $(VENV)/.dev ## format and fix what can be fixed
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format --quiet

venv: $(VENV)/.dev ## only make the environment

clean: ## remove the environment and everything made
	rm -rf $(VENV) .demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# ── the environment ──────────────────────────────────────────────────────────────────────────────────────────────
# Remade when pyproject.toml or constraints.txt change. `demo` needs no developer tools, so it does not wait for them.

PIP_INSTALL = $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt

$(VENV)/.runtime: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing guanjia and what it needs into $(VENV) …" >&2
	@$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing guanjia and the developers' tools into $(VENV) …" >&2
	@$(PIP_INSTALL) --editable '.[dev]'
	@touch $@ $(VENV)/.runtime

$(VENV)/bin/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "guanjia needs Python 3.11 or newer, and none was found." >&2; \
		echo "Install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3 …" >&2; \
		exit 1; fi
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "guanjia needs Python 3.11 or newer; $(PYTHON) is $$("$(PYTHON)" -V 2>&1)." >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
		"$(PYTHON)" -m virtualenv --quiet $(VENV) 2>/dev/null; } || { rm -rf $(VENV); \
		"$(PYTHON)" -m venv --without-pip $(VENV) && "$(PYTHON)" -m pip --quiet --python $(VENV)/bin/python install pip; } || { \
		rm -rf $(VENV); \
		echo "$(PYTHON) cannot make a virtual environment: its venv module is incomplete." >&2; \
		echo "Debian, Ubuntu: apt install python3-venv. Or name another Python: make PYTHON=/path/to/python3 …" >&2; \
		exit 1; }
