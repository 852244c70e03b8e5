# The whole developer interface. `make` lists it; CI runs these targets and nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= data
HOST ?= 127.0.0.1
PORT ?= 8000
# Processes that run tests side by side: half of their time they wait. Each has stores of its own, about 2 GB in the
# server shape. 0: none apart.
TESTERS ?= 3
PYTEST := $(BIN)/pytest -q -n $(TESTERS) --dist loadfile --no-loadscope-reorder --durations=20 --durations-min=5
# More words for pytest, such as ARGS="-k merge -x".
ARGS ?=
export DJANGO_SETTINGS_MODULE := coterie.settings
# The built web app, and all that it is made from.
APP := src/coterie/web/static/app/manifest.json
UI_SOURCES := $(shell find ui src/coterie/jobs/words -type f -not -path 'ui/node_modules/*' -not -name '*.md')

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

run: install ui-if-possible ## start Coterie with its demo workspace on http://127.0.0.1:8000
	$(BIN)/coterie demo --data $(DATA) --serve --host $(HOST) --port $(PORT)

test: install ui-if-possible ## run the tests on the embedded stores, and the web app's in a browser
	@scripts/ui.sh run test
	$(PYTEST) $(ARGS)
	@echo "A line above that begins with SKIPPED says what that test needs. The server shape: make test-server."

test-server: install ## run the storage tests on PostgreSQL and a two-shard ClickHouse
	COTERIE_TEST_SHAPE=server $(PYTEST) -m server $(ARGS)

THOROUGH := COTERIE_TEST_MACHINES=50 COTERIE_TEST_WORLDS=60 COTERIE_TEST_HOSTILE=400 COTERIE_TEST_EXAMPLES=50
thorough: install ## try ten times as much of what is made up at random, in both shapes; takes hours
	for shape in embedded server; do \
	  $(THOROUGH) COTERIE_TEST_SHAPE=$$shape $(PYTEST) --timeout=0 tests/segments/test_machine.py tests/audience/test_oracle.py \
	    tests/audience/test_fuzz.py tests/web/test_schemathesis.py $(ARGS) || exit 1; \
	done

lint: install ## check style, format, the order of rooms and the house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/house
	@scripts/ui.sh run lint
	@scripts/ui.sh schema --check

types: install ## check types
	$(BIN)/mypy
	@scripts/ui.sh run types

fmt: install ## format the code and mend what ruff can mend
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	@scripts/ui.sh run fmt

ui: install ## build the web app
	@scripts/ui.sh build
	@touch $(APP)

schema: install ## make the web app's API types anew after the API has changed
	@scripts/ui.sh schema

migrate: install ## bring the database of DATA to the present tables
	COTERIE_DATA=$(DATA) $(BIN)/python -m django migrate

demo: install ## fill DATA with the demo workspace
	$(BIN)/coterie demo --data $(DATA)

bench: install ## measure at 100 thousand and 1 million people
	$(BIN)/python -m bench --size 100k 1m

bench-10m: install ## measure at 10 million people
	$(BIN)/python -m bench --size 10m

soak: install ## kill a server under load hundreds of times and look for what is lost or doubled
	$(BIN)/python -m bench.soak

screens: install ui-if-possible ## take the pictures of docs/screens anew, with Chromium
	$(BIN)/python -m tests.browser.gallery $(ARGS)

docs: install ## check that the documents are complete and their links lead somewhere
	$(BIN)/pytest -q tests/house/test_documents.py tests/filters -k "document or docs"

lock: install ## write requirements.lock anew from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --all-extras pyproject.toml requirements.in -o requirements.lock

clean: ## remove the environment, caches and reports; DATA stays
	rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist ui/node_modules src/coterie/web/static/app
	find src tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} +

ui-if-possible: $(APP)

$(APP): $(UI_SOURCES) | $(VENV)/.installed
	@scripts/ui.sh build-if-possible
	@if [ -f $@ ]; then touch $@; fi

install: $(VENV)/.installed ## install everything into .venv

$(VENV)/.installed: requirements.lock pyproject.toml scripts/make_venv.sh
	@bash scripts/make_venv.sh $(PYTHON) $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: help run test test-server thorough lint types fmt migrate demo bench bench-10m soak screens docs lock clean install ui ui-if-possible schema
