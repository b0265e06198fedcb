# make run starts everything; make help lists the rest. Needs Python 3.11 or newer, and nothing else.

PORT ?= 8000
ARGS ?=
# The database of make test: sqlite, or postgres or mongodb on a server of its own.
DATABASE ?= sqlite
UPGRADE ?=
export PORT UPGRADE

PYTHON_IN_VENV = .venv/bin/python
# The tests of the domain, of what is stored and of the rules, without a page or another process.
UNIT_TESTS = tests/accounts tests/test_structure.py tests/test_templates.py \
	$(addprefix tests/meetings/,booking calendars domain forms integrations models notifications scheduling)
IN_TESTS = DJANGO_SETTINGS_MODULE=tests.settings
# The minimum that a production site sets; check --deploy examines the rest.
RANDOM_KEY = "$$($(PYTHON_IN_VENV) -c 'import base64, secrets; \
	print(base64.urlsafe_b64encode(secrets.token_bytes($(1))).decode())')"
IN_PRODUCTION = ENVIRONMENT=production DEBUG=off SITE_URL=https://learn.example.com \
	SECRET_KEY=$(call RANDOM_KEY,64) ENCRYPTION_KEYS=$(call RANDOM_KEY,32) \
	JWT_SIGNING_KEYS=$(call RANDOM_KEY,48) EMAIL_URL=smtp://mail.example.com

.PHONY: run test check unit screenshots soak lint style types templates assets layers django format messages \
	bench rehearse clean requirements install-dev help

run: ## Start the site and its worker on http://127.0.0.1:8000 (PORT=8001 make run for another)
	@python="$$(bin/find-python)" && exec "$$python" -m bin.run

test: install-dev ## Run all tests, in parallel (ARGS="-k booking" for some; DATABASE=postgres or mongodb)
	@$(PYTHON_IN_VENV) -m tests.e2e.servers.binaries
	@$(PYTHON_IN_VENV) -m tests.e2e.servers.suite $(DATABASE) -n auto --dist loadgroup $(ARGS)

check: ## The quick checks: make lint without its scripts and styles, and the unit tests
	@began=$$(date +%s); \
	$(MAKE) --no-print-directory --keep-going style types templates layers django unit; status=$$?; \
	echo "make check: $$(($$(date +%s) - began)) s"; \
	exit $$status

unit: install-dev
	$(PYTHON_IN_VENV) -m pytest -q -n auto --dist loadgroup -m "not (slow or e2e or servers or kills)" $(UNIT_TESTS)

soak: install-dev ## A thousand random histories, 500 calls of each kind, twenty kills of everything (DATABASE=… as for test)
	HISTORIES=$${HISTORIES:-1000} EXAMPLES=$${EXAMPLES:-500} KILLS=$${KILLS:-20} \
		$(PYTHON_IN_VENV) -m tests.e2e.servers.suite $(DATABASE) -n auto --dist loadgroup \
		tests/e2e/google/test_histories.py tests/meetings/api/test_schemathesis.py tests/e2e/kills/test_kills.py

lint: style types templates assets layers django ## Check style, types, templates, scripts and styles, layers, migrations and production's settings

style: install-dev
	$(PYTHON_IN_VENV) -m ruff check .
	$(PYTHON_IN_VENV) -m ruff format --check .

types: install-dev
	$(PYTHON_IN_VENV) -m mypy

templates: install-dev
	$(PYTHON_IN_VENV) -m djlint --quiet --check templates
	$(PYTHON_IN_VENV) -m djlint --quiet --lint templates

# Scripts and styles; needs Node.js and npm.
assets:
	@bin/lint-assets

layers: install-dev
	.venv/bin/lint-imports --no-logo

django: install-dev
	$(IN_TESTS) $(PYTHON_IN_VENV) manage.py makemigrations --check --dry-run
	@echo "manage.py check --deploy"
	@$(IN_PRODUCTION) $(PYTHON_IN_VENV) manage.py check --deploy --fail-level WARNING

format: install-dev ## Format Python and templates
	$(PYTHON_IN_VENV) -m ruff check --fix .
	$(PYTHON_IN_VENV) -m ruff format .
	$(PYTHON_IN_VENV) -m djlint --quiet --reformat templates

messages: install-dev ## Update locale/ from the texts, and compile it (needs GNU gettext)
	@$(PYTHON_IN_VENV) -m bin.messages

bench: install-dev ## Measure what must stay fast
	@for script in bench/*.py; do \
		$(PYTHON_IN_VENV) -m "bench.$$(basename "$$script" .py)" || exit 1; \
	done

rehearse: ## Follow docs/deploy.md on a bare Debian and release under load; needs root, takes minutes
	@python="$$(bin/find-python)" && exec "$$python" -m bin.rehearse

screenshots: install-dev ## Take the README's pictures, and one of every page in var/screenshots (ARGS=--readme for the former)
	@$(PYTHON_IN_VENV) -m bin.screenshots $(ARGS)

clean: ## Remove generated files; the data in var/ and .env stay
	rm -rf .venv node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage var/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

requirements: ## Pin requirements*.in into requirements*.txt (UPGRADE=--upgrade for newer versions)
	@bin/compile-requirements

install-dev:
	@python="$$(bin/find-python)" && "$$python" -m bin.install $(if $(filter mongodb,$(DATABASE)),mongodb,dev)

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile
