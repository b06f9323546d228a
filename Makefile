# Everything happens in .venv, which the first target makes and the next ones find: Python 3.11, git and make are enough.
#
#   make demo     sample invoices into an embedded PostgreSQL, and what came of them
#   make test     the test suite, in two processes      make test ARGS="tests/wire -x -n 0"
#   make lint     ruff, mypy, the import contracts     make format    lets ruff mend what it can
#   make bench    latency beside its rivals            make build     sdist and wheel in dist/
#   make clean    removes all that these made

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint format bench build clean

help:
	@sed -n 's/^#   //p' Makefile

demo: $(READY)
	@$(BIN)/invoicedb demo $(ARGS)

test: $(READY)
	@$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(READY)
	@$(BIN)/python -m benchmarks.latency $(ARGS)

build: $(READY)
	$(BIN)/python -m build --outdir dist

clean:
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made again when pyproject.toml changes. `pip install --group` came with pip 25.1.
$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "invoicedb needs Python 3.11 or later; '$(PYTHON)' is: $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one:  make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Preparing $(VENV) (once, about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install -q --editable '.[embedded]' --group dev
	@touch $@
