# Two commands do everything, each alone, from a fresh clone:
#   make demo    runs the main job on the shipped example; no model and no key needed
#   make test    checks the code and passes the tests
# Needed: make and Python 3.11 or newer. `PYTHON=/path/to/python make test` chooses another interpreter.

VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# The VS Code extension: its platform as vsce calls it, and the versions of Python that compiled packages are carried for.
CLIENT := client-vscode
NODE := build/node
MODULES := $(CLIENT)/node_modules/.package-lock.json
NPM := PATH="$(CURDIR)/$(NODE)/bin:$$PATH" npm --prefix $(CLIENT)
TARGET ?= $(shell $(BIN)/python tools/bundle.py --target 2>/dev/null)
PYTHONS ?= 3.11,3.12,3.13,3.14
VSIX = build/soa-language-server-$(TARGET).vsix

.DEFAULT_GOAL := help
.PHONY: help demo test lint types tests e2e bench soak format sandbox-tool editors node client client-check vsix vscode screenshots clean

help: ## Show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: $(READY) sandbox-tool ## Implement the example project with recorded replies
	@$(BIN)/python -m soa demo

test: lint types tests client-check ## Style, types and tests, of the VS Code extension as well

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

tests: $(READY) sandbox-tool
	@$(BIN)/python -m pytest -q -n auto

e2e: $(READY) sandbox-tool editors vscode vsix ## The server in real editors: Neovim, Emacs and, with the extension, VS Code
	@$(BIN)/python -m pytest -q -m e2e tests/e2e
	@ls -l $(VSIX) | awk '{ printf "The extension is packaged in %.1f MB.\n", $$5 / 1e6 }'
	@cat build/activation.txt

vscode: node ## Install VS Code in build/vscode, and Chromium to drive it if it is missing and we may
	@sh tools/vscode.sh build/vscode $(NODE)/bin
	@sh tools/need.sh chromium "command -v chromium" "make e2e drives VS Code in it"

node: $(READY) ## Put Node.js into build/node: all that is done to the VS Code extension is done with it
	@sh tools/node.sh $(BIN)/python $(NODE)

$(MODULES): $(CLIENT)/package.json $(CLIENT)/package-lock.json | node
	@$(NPM) ci --ignore-scripts --no-update-notifier --loglevel=error
	@touch $@

client: $(MODULES) ## Build the VS Code extension
	@$(NPM) run --silent build

client-check: $(MODULES)
	@$(NPM) run --silent check

vsix: client ## Package the VS Code extension with all that it needs; TARGET=win32-x64 for another platform
	@$(BIN)/python tools/bundle.py --wheels $(TARGET) --pythons $(PYTHONS)
	@$(NPM) run --silent package -- --target $(TARGET) --out ../$(VSIX)
	@ls -l $(VSIX) | awk '{ printf "  %.1f MB %s\n", $$5 / 1e6, $$NF }'

screenshots: ## Take those pictures of the last `make e2e` over that the extension's page shows
	@sed -n 's|.*(media/screenshots/\(.*\)\.png).*|\1|p' $(CLIENT)/README.md | while read -r name; do \
	    cp "build/screenshots/$$name.png" $(CLIENT)/media/screenshots/ || exit 1; done

bench: $(READY) sandbox-tool ## Measure; prints ratios, passes or fails nothing
	@for file in tests/bench/bench_*.py; do $(BIN)/python "$$file" || exit 1; done

soak: $(READY) sandbox-tool ## Ten thousand runs in each kind of sandbox, and two hundred killed servers
	@$(BIN)/python tests/bench/soak_sandbox.py

format: $(READY) ## Rewrite the code in the house's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

sandbox-tool: ## Install bubblewrap if it is missing and we may
	@sh tools/need.sh bubblewrap "command -v bwrap" \
	    "the strongest sandbox needs it, and so do its tests"

editors: ## Install Emacs with eglot if it is missing and we may (Neovim comes with the Python packages)
	@sh tools/need.sh "emacs-nox elpa-eglot" "emacs --batch --eval '(progn (package-initialize) (require (quote eglot)))'" \
	    "make e2e runs the server in it"

$(READY): pyproject.toml tools/prepare.sh
	@PYTHON="$(PYTHON)" sh tools/prepare.sh "$(VENV)"
	@touch $@

clean: ## Remove what the other targets made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf tests/e2e/vscode/node_modules $(addprefix $(CLIENT)/,node_modules dist bundled/libs bundled/pip bundled/wheels)
	find server tests -name __pycache__ -type d -prune -exec rm -rf {} +
