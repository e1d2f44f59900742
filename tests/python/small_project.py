"""A project of a few tables, and what its runs left: quick to build, with every kind of mart."""

from __future__ import annotations

import shutil
from contextlib import chdir
from pathlib import Path
from typing import Any

import duckdb
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


class SmallProject:
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
        with chdir(self.root):
            return CliRunner().invoke(app, list(arguments), env=self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """Settings that lead to this project."""
        return {
            "TIEOUT_PROJECT_DIR": str(self.root),
            "TIEOUT_DUCKDB_PATH": str(self.warehouse),
            "TIEOUT_OUTPUT_DIR": str(self.output_dir),
            "TIEOUT_LOG_DIR": str(self.root / "logs"),
        }

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

    def copied_to(self, root: Path) -> SmallProject:
        """The same project in another folder, with what was built: parsing it anew takes seconds."""
        shutil.copytree(self.root, root)
        copy = SmallProject.__new__(SmallProject)
        copy.root, copy.raw, copy.output_dir = root, root / "raw", root / "exports"
        copy.warehouse = root / "w" / "tieout.duckdb"
        return copy
