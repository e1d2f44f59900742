"""Whole runs on a project of a few tables: what is built, exported, kept, and with which exit code."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner, Result

from runner.cli import app
from runner.exports import Manifest, read_manifest

PROJECT = Path(__file__).resolve().parent.parent.parent

DBT_PROJECT = """
name: tieout
version: "1.0.0"
config-version: 2
profile: tieout
seed-paths: ["no_seeds"]
flags: {send_anonymous_usage_stats: false, require_generic_test_arguments_property: true}
vars: {as_of: "", domains: [msp, revenue, support]}
on-run-start: ["{{ register_raw_files() }}"]
models:
  tieout:
    intermediate: {+tags: [common], +materialized: table}
    marts:
      +materialized: table
      msp: {+tags: [msp]}
      revenue: {+tags: [revenue]}
      operations: {+tags: [operations]}
"""

SOURCES = """
version: 2
sources:
  - name: {schema}
    database: "{{{{ target.database }}}}"
    schema: {schema}
    config: {{tags: [{domain}], meta: {{domain: {domain}}}}}
    tables:
"""

TABLE = """
      - name: {table}
        columns:
          - {{name: id, data_type: integer, config: {{meta: {{required: true}}}}}}
          - {{name: amount, data_type: "decimal(18,2)"}}
"""

MART = """
version: 2
models:
  - name: {name}
    config: {{meta: {{primary_key: [id]}}}}
    columns:
      - {{name: id, data_tests: [unique]}}
"""


class Project:
    """A small project in a folder of its own, run through the command line."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.raw = root / "raw"
        self.output_dir = root / "exports"
        self.warehouse = root / "w" / "tieout.duckdb"
        self.write("dbt_project.yml", DBT_PROJECT)
        for name in ("packages.yml", "package-lock.yml", "profiles.yml.example"):
            shutil.copy(PROJECT / name, root)
        for name in ("seeds", "macros"):
            shutil.copytree(PROJECT / name, root / name)
        shutil.copytree(PROJECT / "runner" / "standin" / "dbt_utils", root / "dbt_packages" / "dbt_utils")
        for domain, schema, *tables in (
            ("msp", "service_desk", "service_tickets", "service_tasks"),
            ("revenue", "analytics", "deals"),
            ("support", "support", "support_cases"),
        ):
            text = SOURCES.format(schema=schema, domain=domain) + "".join(TABLE.format(table=name) for name in tables)
            self.write(f"models/staging/{schema}/_{schema}__sources.yml", text)
        self.write("models/intermediate/int_run_settings.sql", "select {{ as_of_literal() }} as as_of")
        self.mart("msp", "task_costs", "select * from {{ source('service_desk', 'service_tasks') }}")
        self.mart("revenue", "deal_values", "select * from {{ source('analytics', 'deals') }}")
        self.mart("operations", "domains_seen", "select 1 as id, '{{ enabled_domains() | join(' ') }}' as seen")
        # Reads a domain that may be skipped: must then not run.
        self.write(
            "tests/assert_no_deal_without_a_task.sql",
            "select deals.id from {{ ref('deal_values') }} as deals\n"
            "left join {{ ref('task_costs') }} as tasks on deals.id = tasks.id\n"
            "where tasks.id is null and deals.id = 99",
        )
        self.put("service_desk/service_tickets", "1,1.00")
        self.put("service_desk/service_tasks", "2,2.50", "1,1.25")
        self.put("analytics/deals", "1,100.00")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def mart(self, domain: str, name: str, select: str) -> None:
        self.write(f"models/marts/{domain}/{name}.sql", select)
        self.write(f"models/marts/{domain}/{name}.yml", MART.format(name=name))

    def put(self, table: str, *rows: str) -> None:
        self.write(f"raw/{table}.csv", "\n".join(["id,amount", *rows]) + "\n")

    def run(self, *options: str, as_of: str = "2026-06-30T23:59:59Z", code: int = 0) -> Result:
        result = self.command("run", "--raw-dir", str(self.raw), "--as-of", as_of, *options)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    def command(self, *arguments: str) -> Result:
        environment = {
            "TIEOUT_PROJECT_DIR": str(self.root),
            "TIEOUT_DUCKDB_PATH": str(self.warehouse),
            "TIEOUT_OUTPUT_DIR": str(self.output_dir),
            "TIEOUT_LOG_DIR": str(self.root / "logs"),
        }
        return CliRunner().invoke(app, list(arguments), env=environment)

    def manifest(self) -> Manifest:
        manifest = read_manifest(self.output_dir)
        assert manifest is not None
        return manifest

    def status(self, name: str) -> tuple[str, str]:
        (file,) = (file for file in self.manifest().files if file.name == name)
        return file.status, file.as_of

    def csvs(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.output_dir.glob("*.csv")}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was run once, to copy from: parsing it anew takes seconds."""
    project = Project(tmp_path_factory.mktemp("fresh"))
    project.run()
    return project.root


@pytest.fixture
def project(fresh: Path, tmp_path: Path) -> Project:
    root = tmp_path / "project"
    shutil.copytree(fresh, root)
    project = Project.__new__(Project)
    project.root, project.raw, project.output_dir = root, root / "raw", root / "exports"
    project.warehouse = root / "w" / "tieout.duckdb"
    return project


def test_a_run_exports_the_marts_of_the_domains_that_are_there(project: Project) -> None:
    result = project.run()
    assert "Domain support is skipped: none of its files are there (support/support_cases)." in result.output
    assert "Warning" not in result.output
    assert (project.output_dir / "task_costs.csv").read_bytes() == b"\xef\xbb\xbfid,amount\n1,1.25\n2,2.50\n"
    manifest = project.manifest()
    assert (manifest.as_of, manifest.domains, manifest.skipped_domains) == (
        "2026-06-30T23:59:59Z",
        ["msp", "revenue"],
        ["support"],
    )
    assert project.rows("select seen from domains_seen") == [("msp revenue",)]
    log = (project.root / "logs" / "tieout.log").read_text(encoding="utf-8")
    assert "step=export mart=task_costs rows=2 seconds=" in log
    assert "step=rows table=task_costs rows=2" in log
    assert "step=run exit=0" in log


def test_the_same_as_of_twice_gives_the_same_bytes(project: Project) -> None:
    before = project.csvs()
    project.run("--full-refresh")
    assert project.csvs() == before


def test_as_of_is_normalised_and_taken_from_the_warehouse(project: Project) -> None:
    project.run(as_of="2026-07-01T01:59:59.7+02:00")
    assert project.manifest().as_of == "2026-06-30T23:59:59Z"
    project.run(as_of="2026-05-31T23:59:59")
    assert project.manifest().as_of == "2026-05-31T23:59:59Z"
    assert project.status("task_costs.csv") == ("current", "2026-05-31T23:59:59Z")


def test_data_that_fails_a_test_ends_with_1_and_keeps_the_last_good_file(project: Project) -> None:
    before = project.csvs()["task_costs.csv"]
    project.put("service_desk/service_tasks", "1,1.00", "1,2.00")
    project.put("analytics/deals", "1,200.00")
    result = project.run(code=1, as_of="2026-07-31T00:00:00Z")
    assert "unique_task_costs_id" in result.output
    assert "Not renewed: task_costs (its test unique_task_costs_id failed)." in result.output
    assert project.csvs()["task_costs.csv"] == before
    assert project.status("task_costs.csv") == ("stale", "2026-06-30T23:59:59Z")
    assert project.status("deal_values.csv") == ("current", "2026-07-31T00:00:00Z")
    assert b"200.00" in project.csvs()["deal_values.csv"]

    # Exporting again changes nothing: what failed does not pass by this way.
    assert project.command("export").exit_code == 1
    assert project.csvs()["task_costs.csv"] == before
    assert project.status("task_costs.csv") == ("stale", "2026-06-30T23:59:59Z")

    project.put("service_desk/service_tasks", "1,1.00")
    project.run()
    assert project.status("task_costs.csv") == ("current", "2026-06-30T23:59:59Z")


def test_a_failed_test_is_told_once_and_when_it_is_over(project: Project) -> None:
    told = project.root / "logs" / "alerts.txt"
    project.put("service_desk/service_tasks", "1,1.00", "1,2.00")
    project.run("--alerts", code=1)
    first = told.read_text(encoding="utf-8")
    assert "critical, new: Test unique_task_costs_id failed (1 rows): what depends on it keeps" in first
    project.put("service_desk/service_tasks", "1,1.00")
    project.run("--alerts", "--select-domain", "revenue")
    assert told.read_text(encoding="utf-8") == first
    project.run("--alerts")
    assert "resolved: No longer so: Test unique_task_costs_id failed" in told.read_text(encoding="utf-8")


def test_export_writes_lost_files_again(project: Project) -> None:
    before = project.csvs()
    shutil.rmtree(project.output_dir)
    assert project.command("export").exit_code == 0
    assert project.csvs() == before
    assert project.manifest().as_of == "2026-06-30T23:59:59Z"


def test_a_domain_not_asked_for_stays_untouched(project: Project) -> None:
    project.put("service_desk/service_tasks", "1,9.00", "1,9.00")
    project.put("analytics/deals", "1,300.00")
    project.run("--select-domain", "revenue", as_of="2026-07-31T00:00:00Z")
    assert project.rows("select amount from task_costs order by id") == [(1.25,), (2.5,)]
    assert project.rows("select amount from deal_values") == [(300,)]
    assert project.status("task_costs.csv") == ("stale", "2026-06-30T23:59:59Z")
    assert project.status("deal_values.csv") == ("current", "2026-07-31T00:00:00Z")


def test_a_broken_file_of_a_domain_not_asked_for_is_no_obstacle(project: Project) -> None:
    project.write("raw/service_desk/service_tasks.csv", "amount\n1.00\n")
    project.run("--select-domain", "revenue")
    assert project.rows("select amount from service_desk.service_tickets") == [(1,)]


def test_a_domain_with_only_some_of_its_files_is_skipped_with_a_warning(project: Project) -> None:
    (project.raw / "service_desk" / "service_tickets.csv").unlink()
    result = project.run(code=1)
    assert (
        "Warning: domain msp is skipped, only some of its files are there; missing: service_desk/service_tickets"
        in result.output
    )
    assert project.status("deal_values.csv") == ("current", "2026-06-30T23:59:59Z")
    assert project.status("task_costs.csv")[0] == "stale"


def test_no_domain_at_all_ends_with_2_and_leaves_the_exports(project: Project) -> None:
    before = {path.name: path.read_bytes() for path in project.output_dir.iterdir()}
    shutil.rmtree(project.raw)
    project.raw.mkdir()
    result = project.run(code=2)
    assert "No domain can be built" in result.stderr
    assert {path.name: path.read_bytes() for path in project.output_dir.iterdir()} == before


def test_a_raw_file_without_a_column_it_must_have_is_named(project: Project) -> None:
    before = project.csvs()
    project.write("raw/analytics/deals.csv", "amount\n1.00\n")
    result = project.run(code=2)
    (sentence,) = result.stderr.strip().splitlines()
    assert "analytics/deals.csv has no column id" in sentence
    assert project.csvs() == before


def test_a_table_that_breaks_is_named_and_the_others_are_exported(project: Project) -> None:
    project.write("models/marts/msp/task_costs.sql", "select id, 1 / no_such_column as amount from (select 1 as id)")
    result = project.run(code=1)
    assert "Not renewed: task_costs (could not be built)." in result.output
    assert "no_such_column" in result.output
    assert project.status("deal_values.csv")[0] == "current"


def test_a_project_that_cannot_be_read_is_one_sentence(project: Project) -> None:
    project.write("models/marts/msp/task_costs.sql", "select * from {{ ref('no_such_model') }}")
    before = project.csvs()
    (sentence,) = project.run(code=2).stderr.strip().splitlines()
    assert "depends on a node named 'no_such_model'" in sentence
    assert project.csvs() == before


def test_where_nothing_can_be_built_the_exports_stay(project: Project) -> None:
    before = {path.name: path.read_bytes() for path in project.output_dir.iterdir()}
    for domain, name in (("msp", "task_costs"), ("revenue", "deal_values"), ("operations", "domains_seen")):
        project.write(f"models/marts/{domain}/{name}.sql", "select no_such_column as id")
    sentence = project.run(code=2).stderr.strip().splitlines()[-1]
    assert sentence.startswith("No mart could be built:")
    assert {path.name: path.read_bytes() for path in project.output_dir.iterdir()} == before


def test_a_changed_project_is_built_anew_by_itself(project: Project) -> None:
    incremental = "{{ config(materialized='incremental', unique_key='id', on_schema_change='fail') }}\n"
    select = "select id, amount%s from {{ source('service_desk', 'service_tasks') }}"
    project.write("models/marts/msp/task_costs.sql", incremental + select % "")
    assert "every table is built anew" in project.run().output
    assert "every table is built anew" not in project.run().output

    project.write("models/marts/msp/task_costs.sql", incremental + select % ", amount * 2 as twice")
    assert "every table is built anew" in project.run().output
    assert project.rows("select twice from task_costs order by id") == [(2.5,), (5,)]
