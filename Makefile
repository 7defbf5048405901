.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --no-deps --no-build-isolation --editable .

.PHONY: help demo up test check bench golden lock clean console browser screenshots
CONSOLE := src/counterfoil/console

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

$(CONSOLE)/built/manifest.json: package-lock.json .npmrc $(shell find $(CONSOLE)/static -type f)
	@echo "Building the console ..."
	@npm ci --silent --ignore-scripts
	@node $(CONSOLE)/static/build.js
	@touch $@

console: ## Build what the browser runs of the console (needs Node 18+)
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(CONSOLE)/built/manifest.json \
	|| echo "The console could not be built; everything else works. Mend that, then: make console"; \
	else echo "No npm: the console is not built; everything else works. Install Node 18+, then: make console"; fi

browser: ## Install Chromium for the console's tests, where it is missing and this is root on Debian
	@if command -v chromium >/dev/null || [ -n "$$COUNTERFOIL_CHROMIUM" ]; then true; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else echo "No Chromium: tests in a browser are skipped. Install it, or name one in COUNTERFOIL_CHROMIUM"; fi

demo: .venv/run console ## Set up, then issue a sample day of 40,000 products
	@$(BIN)/counterfoil demo

up: .venv/run console ## Start the server with its embedded database
	@$(BIN)/counterfoil up

test: .venv/dev console browser ## Set up, then run all tests, a process for each core
	@$(BIN)/pytest -n auto --dist loadfile

check: .venv/dev ## Lint, type-check, check the import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/dev ## Measure everything that docs/benchmarks.md promises
	@$(BIN)/python -m benchmarks

golden: .venv/dev ## Rewrite the golden files from the code
	@COUNTERFOIL_GOLDEN=rewrite $(BIN)/pytest -q tests/golden tests/instruments/test_actus.py \
		tests/instruments/test_worked_examples.py

screenshots: .venv/dev console browser ## Draw the pages of the console anew (docs/console)
	@$(BIN)/python -m tests.console.browser.screenshots

lock: .venv/dev ## Pin the dependencies anew (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra install pyproject.toml -o requirements.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements-dev.lock

clean: ## Remove what was built (not the data)
	@rm -rf .venv node_modules $(CONSOLE)/built .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
