.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --no-deps --no-build-isolation --editable .

.PHONY: help demo up test check bench golden lock clean

help: ## Show what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Counterfoil needs Python 3.11 or newer")'
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@echo "Setting up .venv (once) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(INSTALL)
	@touch $@

.venv/dev: requirements-dev.lock .venv/run
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/run ## Set up, then issue a sample day of 40,000 products
	@$(BIN)/counterfoil demo

up: .venv/run ## Start the server with its embedded database
	@$(BIN)/counterfoil up

test: .venv/dev ## Set up, then run all tests
	@$(BIN)/pytest

check: .venv/dev ## Lint, type-check, check the import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/dev ## Measure everything that docs/benchmarks.md promises
	@$(BIN)/python -m benchmarks

golden: .venv/dev ## Rewrite the golden files from the code
	@COUNTERFOIL_GOLDEN=rewrite $(BIN)/pytest -q tests/golden

lock: .venv/dev ## Pin the dependencies anew (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra install pyproject.toml -o requirements.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements-dev.lock

clean: ## Remove what was built (not the data)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
