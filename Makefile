# Two commands do everything, each alone, from a fresh clone:
#   make demo    runs the main job on the shipped example; no model and no key needed
#   make test    checks the code and passes the tests
# Needed: make and Python 3.11 or newer. `PYTHON=/path/to/python make test` chooses another interpreter.

VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test lint types tests e2e bench format sandbox-tool editors clean

help: ## Show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: $(READY) sandbox-tool ## Implement the example project with recorded replies
	@$(BIN)/python -m soa demo

test: lint types tests ## Style, types and tests

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

tests: $(READY) sandbox-tool
	@$(BIN)/python -m pytest -q

e2e: $(READY) sandbox-tool editors ## The server in real editors: Neovim and Emacs
	@$(BIN)/python -m pytest -q -m e2e tests/e2e

bench: $(READY) sandbox-tool ## Measure; prints ratios, passes or fails nothing
	@for file in tests/bench/bench_*.py; do $(BIN)/python "$$file" || exit 1; done

format: $(READY) ## Rewrite the code in the house's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

sandbox-tool: ## Install bubblewrap if it is missing and we may
	@sh tools/need.sh bubblewrap "command -v bwrap" \
	    "candidates cannot be run without it: the demo and the sandbox's tests need it"

editors: ## Install Emacs with eglot if it is missing and we may (Neovim comes with the Python packages)
	@sh tools/need.sh "emacs-nox elpa-eglot" "emacs --batch --eval '(progn (package-initialize) (require (quote eglot)))'" \
	    "make e2e runs the server in it"

$(READY): pyproject.toml tools/prepare.sh
	@PYTHON="$(PYTHON)" sh tools/prepare.sh "$(VENV)"
	@touch $@

clean: ## Remove what the other targets made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find server tests -name __pycache__ -type d -prune -exec rm -rf {} +
