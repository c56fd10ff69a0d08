# Two commands matter: `make demo` shows the program at work, `make test` runs its tests. Both make their own
# environment in .venv first. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export LC_ALL := C.UTF-8
# Bytecode is kept, whatever the environment says: else every process of the tests compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
# Two more than the two cores of CI: many tests wait for processes, terminals and clocks.
JOBS ?= 4

# The first of these that runs and is 3.11 or newer; PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)

.PHONY: help demo test check static platforms soak bench screens audit dist man fmt format lint types contracts venv clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

demo: $(VENV)/.installed ## the whole story on two laptops and a central, then the terminal app
	@$(BIN)/guanjia demo $(ARGS)

test: $(VENV)/.installed ## the tests, of what takes long the part of the commit (TESTS_TURN=all: whole; ARGS="…" goes to pytest)
	@$(BIN)/pytest -n $(JOBS) --dist worksteal $(ARGS)

check: $(VENV)/.installed ## all that must pass: format, lint, strict types, import contracts, tests
	@$(MAKE) --no-print-directory --jobs 2 static test

static: format lint types contracts ## all of check but the tests

# More of what the suite proves with few seeds: some hours on two cores, most of it GUANJIA_SEEDS (a range of them by
# itself: python -m tests.simulation 1000-1099). TESTS_SOAK picks the long proofs.
soak: export TESTS_SOAK := 1
soak: export TESTS_PROFILE := long
soak: export GUANJIA_SEEDS ?= 2000
soak: export GUANJIA_FIRST_SEED ?= 1000
soak: export GUANJIA_KILLS ?= 2000
soak: export TESTS_ROUND_KILLS ?= 600
soak: export TESTS_BLOB_KILLS ?= 50
soak: export TESTS_BLOB_SHARES ?= 10
soak: export TESTS_BLOB_RATE ?= 8000
soak: export TESTS_LIST_SEEDS ?= 60
soak: export TESTS_PUSHES ?= 100
soak: export DISK_FAULTS ?= all
soak: $(VENV)/.installed platforms ## the long proofs: many seeds, many examples of each property, many kills
	@$(BIN)/pytest -n $(JOBS) --dist worksteal $(ARGS)

format: $(VENV)/.installed ## is every file formatted?
	@$(BIN)/ruff format --check --quiet --diff

lint: $(VENV)/.installed ## ruff
	@$(BIN)/ruff check --quiet

types: $(VENV)/.installed ## mypy --strict, tests included
	@$(BIN)/mypy

platforms: $(VENV)/.installed ## the program's types as they are on Windows and on macOS
	@for platform in win32 darwin; do echo "$$platform:"; \
		$(BIN)/mypy --platform $$platform --cache-dir .mypy_cache/$$platform -p store -p sync -p tui -p release; done

contracts: $(VENV)/.installed ## who may import whom (pyproject.toml)
	@$(BIN)/lint-imports --no-cache

bench: $(VENV)/.installed ## our times ÷ a bare floor's, side by side (ARGS="--lines 10000 --only push")
	@$(BIN)/python -m tests.bench $(ARGS)

screens: $(VENV)/.installed ## draw the pictures of the README anew, from the real screens
	@$(BIN)/python -m tests.tui.pictures .pictures

audit: | $(VENV)/bin/python ## are there advisories for a package that we pin? (asks the advisory database over the network)
	@test -x $(VENV)-audit/bin/pip-audit || { $(BIN)/python -m venv $(VENV)-audit && \
		$(VENV)-audit/bin/pip install -qq --disable-pip-version-check pip-audit==2.10.1; }
	@$(VENV)-audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement constraints.txt $(ARGS)

dist: $(VENV)/.installed ## what is handed out: packages, and a folder a platform that installs without a network
	@PYTHONPATH=.ci $(BIN)/python -m release.build $(ARGS)

man: $(VENV)/.installed ## man pages made from the commands, in two languages, into dist/man
	@for each in en:man1 zh:zh_CN/man1; do \
		PYTHONPATH=.ci $(BIN)/python -m release.man_pages dist/man/$${each#*:} $${each%:*}; done

fmt: $(VENV)/.installed ## format and fix what can be fixed
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format --quiet

venv: $(VENV)/.installed ## only make the environment

clean: ## remove the environment and everything made
	rm -rf $(VENV) $(VENV)-audit .demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# ── the environment ──────────────────────────────────────────────────────────────────────────────────────────────
# Remade when pyproject.toml or constraints.txt change. Every package is installed at the version and with the checksum
# that constraints.txt names; our own is built with what is installed, so nothing unnamed is fetched.

PIP_INSTALL = $(BIN)/python -m pip install -qq --disable-pip-version-check

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing guanjia and what it needs into $(VENV) …" >&2
	@$(PIP_INSTALL) --require-hashes --requirement constraints.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

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
