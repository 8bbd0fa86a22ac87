# Needs make, and Python 3.11 or newer with venv. Everything that is installed goes into .venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SCHEMA := k8s6plan/fleet/fleet.schema.json
PYTEST_ARGS ?= -n auto --dist loadgroup
# Of `make mutants`: how many places of each part are changed (or all), parts or paths, how many at once.
SAMPLE ?= 40
MODULES ?=
JOBS ?= 2
# An editable package is not compiled by pip; where Python may not write what it compiles, each run
# would take a third longer.
COMPILE = $(BIN)/python -m compileall -q k8s6plan
# Of `make fuzz`: how many runs, and which.
RUNS ?= 2000
SEED ?= 1
PIP_INSTALL := $(BIN)/python -m pip install --quiet

export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_NO_INPUT = 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-fast mutants fuzz bench lint types docs docs-check schema lock clean

help: ## Say what can be made
	@echo 'make TARGET [PYTHON=python3.12]'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' Makefile

# Show a command of the program as a reader would type it, then run it.
define run
@printf '\n$$ k8s6plan %s\n' '$(strip $(1))'
@$(BIN)/k8s6plan $(1)
endef

demo: $(VENV)/.package ## Compare, draw, plan and report example fleets into build/
	@mkdir -p build
	$(call run, compare examples/three-clouds.yaml)
	$(call run, diagram examples/three-clouds.yaml --design hub-and-spoke -o build/three-clouds.png)
	$(call run, plan examples/three-clouds.yaml -o build/three-clouds.plan.yaml)
	$(call run, report examples/three-clouds.yaml -o build/three-clouds.html)
	$(call run, check examples/wikimedia.yaml) || { \
		code=$$?; test $$code -eq 1 || exit $$code; echo '(exit code 1: there are findings)'; }
	$(call run, diagram examples/wikimedia.yaml --design full-mesh -o build/wikimedia.png)
	$(call run, plan examples/wikimedia.yaml -o build/wikimedia.plan.yaml)
	@printf '\nWritten:\n'
	@for file in three-clouds.png three-clouds.plan.yaml three-clouds.html \
		wikimedia.png wikimedia.plan.yaml; do echo "  build/$$file"; done

# Run the tests, and say how long that took.
define tests
	@begun=$$(date +%s); $(BIN)/python -m pytest $(PYTEST_ARGS) $(1) || exit; \
		echo "make $@ took $$(($$(date +%s) - begun)) s"
endef

test: $(VENV)/.dev ## Run every test; it took 4.5 minutes on two cores
	$(call tests,--durations 10 --durations-min 5)

test-fast: $(VENV)/.dev ## Run the tests that are not marked slow
	$(call tests,-m 'not slow')

mutants: $(VENV)/.dev ## Try whether tests notice faults (MODULES=cost SAMPLE=40 JOBS=2)
	$(BIN)/python -m tests.mutants $(MODULES) --sample $(SAMPLE) --jobs $(JOBS)

fuzz: $(VENV)/.dev ## Give every command odd input (RUNS=2000 SEED=1 JOBS=2)
	$(BIN)/python -m tests.fuzz --runs $(RUNS) --seed $(SEED) --jobs $(JOBS)

bench: $(VENV)/.dev ## Time whole commands against a baseline, and print the ratios
	@$(COMPILE)
	$(BIN)/python -m tests.benchmarks

lint: $(VENV)/.dev ## Check style, format and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(VENV)/.dev ## Check types
	$(BIN)/mypy

docs: $(VENV)/.dev ## Write the generated reference and the pictures
	$(BIN)/python docs/generate.py

docs-check: $(VENV)/.dev ## Check that the docs and the schema say what the program does
	$(BIN)/python -m pytest $(PYTEST_ARGS) tests/test_docs.py \
		tests/test_cli.py::test_schema_prints_the_committed_file

schema: $(VENV)/.package ## Write the JSON Schema of the fleet file
	@mkdir -p build
	$(BIN)/k8s6plan schema > build/fleet.schema.json
	cp build/fleet.schema.json $(SCHEMA)

# Keeps the versions that are locked already; UPGRADE=--upgrade takes the newest.
LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --group build --custom-compile-command 'make lock' $(UPGRADE)

lock: $(VENV)/.dev ## Lock the dependencies (UPGRADE=--upgrade for newer ones)
	$(LOCK) --output-file requirements.lock
	$(LOCK) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## Remove everything that make made
	rm -rf build dist $(VENV) .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find k8s6plan tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Each file below is a stamp: the step that it stands for is done again only when what it needs
# is newer. A step that has nothing to install works offline.

$(VENV)/.made:
	@command -v $(PYTHON) > /dev/null || { \
		echo 'No $(PYTHON) here: install Python 3.11 or newer, or name one: make PYTHON=...' >&2; \
		exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "k8s6plan needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
			'Name another: make PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
		echo '$(PYTHON) cannot make a virtual environment.' \
			'On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@echo 'Making a virtual environment in $(VENV)'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.lock $(VENV)/.made
	@echo 'Installing what k8s6plan needs, as locked in requirements.lock'
	@$(PIP_INSTALL) --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.package: pyproject.toml k8s6plan/__init__.py $(VENV)/.runtime
	@echo 'Installing k8s6plan itself'
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@$(COMPILE)
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/.package
	@echo 'Installing what the tests need, as locked in requirements-dev.lock'
	@$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@
