# Every target is a thin wrapper: README.md shows the same steps for a machine without make.
PYTHON ?= python3
BIN := $(if $(filter Windows_NT,$(OS)),.venv/Scripts,.venv/bin)
READY := .venv/.ready
AIRFLOW_BIN := $(subst .venv,.venv-airflow,$(BIN))
AIRFLOW_READY := .venv-airflow/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo docs test test-airflow test-sqlserver bench lint clean

help: ## Print this help
	@echo "tieout: make <target>"
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1|\2/' | column -t -s '|' 2>/dev/null \
		|| grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv with the locked packages and fetch the dbt packages

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	$(BIN)/tieout deps
	@touch $(READY)

demo: $(READY) ## Make sample data, build everything, export it and show the figures
	$(BIN)/tieout demo

docs: $(READY) ## Build the documentation of every table and column, target/static_index.html, after a run
	test -f profiles.yml || cp profiles.yml.example profiles.yml
	$(BIN)/dbt docs generate --static --profiles-dir .

test: lint ## Check style, types and SQL, then run every test
	$(BIN)/python -m pytest -n 2

test-airflow: $(READY) $(AIRFLOW_READY) ## Load the DAG in a real Airflow and run it on a small sample
	$(BIN)/python -m pytest tests/orchestration

$(AIRFLOW_READY): orchestration/requirements.txt
	$(PYTHON) -m venv .venv-airflow
	$(AIRFLOW_BIN)/python -m pip install --quiet --disable-pip-version-check -r orchestration/requirements.txt
	@touch $(AIRFLOW_READY)

test-sqlserver: $(READY) ## Build on the SQL Server that TIEOUT_SQLSERVER_... names and compare it with DuckDB
	$(BIN)/python -m pytest tests/python/test_sqlserver.py

bench: $(READY) ## Measure full builds and the next day's run at BENCH_SCALE (400), as ratios
	$(BIN)/python tests/bench/bench.py

lint: $(READY) ## Check style, types and SQL only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 models tests

clean: ## Remove what was built; raw data and exports stay
	rm -rf .venv .venv-airflow target dbt_packages warehouse logs .pytest_cache .mypy_cache .ruff_cache *.egg-info
