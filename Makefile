# Two commands are enough: `make demo` shows the whole road on the sample shop, `make test` proves it.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

help:  ## this list
	@grep -hE '^[a-z_]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z_]+):[^#]*## ?/\1\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

$(READY): setup.py scripts/set_up.sh
	@PYTHON=$(PYTHON) VENV=$(VENV) bash scripts/set_up.sh
	@touch $(READY)

setup: $(READY)  ## virtual environment, pinned dependencies and the Spark jars

demo: $(READY)  ## the sample shop, from raw files to delivered audiences
	@$(BIN)/profile-engine run --project . --as-of 2026-11-01T00:00:00Z

test: $(READY)  ## all tests, with a real Spark session on each of two cores
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

fast: $(READY)  ## the tests that need no Spark
	@$(BIN)/python -m pytest -m "not spark"

check: $(READY)  ## lint, types and import contracts
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

format: $(READY)  ## format the code
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

docs: $(READY)  ## the generated reference pages
	@$(BIN)/python -m profile_engine.command_line.reference_pages

benchmark: $(READY)  ## times of each stage on a generated population
	@$(BIN)/python -m benchmarks.end_to_end

clean:  ## the lake and exports of the demo
	@rm -rf lake exports build dist *.egg-info

.PHONY: help setup demo test fast check format docs benchmark clean
