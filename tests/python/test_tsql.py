"""Everything dbt would send to SQL Server is T-SQL, and T-SQL that says what the other engines are told.

No server is needed: dbt builds the whole project twice against an adapter that records (a first run, and a second one
in which incremental models and snapshots find themselves built). What the server would hold is read from the embedded
engine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Built
from sqlfluff.core import FluffConfig, Linter
from tsql_traps import Schema, find_name_traps, find_traps

ROOT = Path(__file__).resolve().parents[2]
RECORDER = Path(__file__).with_name("offline_sqlserver.py")
DATABASE = "offline"

# An EXEC('...') of the adapter; quotes inside are doubled.
EXECUTED = re.compile(r"EXEC\('((?:[^']|'')*)'\)", re.IGNORECASE)
VIEW = re.compile(r"\s*create\s+(?:or\s+alter\s+)?view\s+(\S+)\s+as\s(.*)", re.IGNORECASE | re.DOTALL)
CHANGE = re.compile(r"\s*(delete|update|merge|create\s+table)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """A query of the project as SQL Server would get it."""

    run: str
    node: str
    sql: str

    @property
    def place(self) -> str:
        return f"{self.node} ({self.run} run)"


@dataclass(frozen=True)
class Recording:
    """The different statements of two runs, and the relations they would have left."""

    statements: tuple[Statement, ...]
    schema: Schema


def _tsql_type(kind: str) -> str:
    names = {"VARCHAR": "nvarchar(4000)", "TIMESTAMP": "datetime2(6)", "BOOLEAN": "bit", "INTEGER": "int"}
    return names.get(kind, "decimal(38,0)" if kind == "HUGEINT" else kind.lower())


def _catalog(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """What the server would hold: {schema: {relation: {type, columns, rows}}}."""
    catalog: dict[str, dict[str, Any]] = {}
    columns = connection.execute(
        """
        select c.table_schema, c.table_name, lower(t.table_type), c.column_name, c.data_type
        from information_schema.columns as c
        inner join information_schema.tables as t using (table_schema, table_name)
        order by c.table_schema, c.table_name, c.ordinal_position
        """
    ).fetchall()
    for schema, table, table_type, column, kind in columns:
        held = catalog.setdefault(schema, {}).setdefault(
            table, {"type": "view" if table_type == "view" else "table", "columns": []}
        )
        held["columns"].append([column, _tsql_type(kind)])
    rules = connection.sql(
        "select rule_position, field_name, pattern, rule_id from main_intermediate.int_msp_text_rules order by all"
    )
    catalog["main_intermediate"]["int_msp_text_rules"]["rows"] = rules.fetchall()
    return catalog


@pytest.fixture(scope="module")
def recording(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    folder = tmp_path_factory.mktemp("tsql")
    shutil.copy(ROOT / "profiles.yml.example", folder / "profiles.yml")
    catalog = _catalog(built.connection)
    (folder / "catalog.json").write_text(json.dumps(catalog), encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, str(RECORDER), str(folder / "catalog.json"), str(folder)),
            *("build", "--target", "sqlserver", "--threads", "1", "--log-level", "warn", "--no-use-colors"),
            *("--log-level-file", "none", "--no-write-json"),
            *("--project-dir", str(ROOT), "--profiles-dir", str(folder)),
            *("--target-path", str(folder / "target"), "--log-path", str(folder / "log")),
        ],
        env={
            **os.environ,
            "TIEOUT_AS_OF": "2026-06-30T23:59:59",
            "TIEOUT_SQLSERVER_HOST": "offline",
            "TIEOUT_SQLSERVER_DATABASE": DATABASE,
            # Schemas are called as on the embedded engine, which is asked what the relations look like.
            "TIEOUT_SQLSERVER_SCHEMA": "main",
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    columns = {
        schema: {name: dict(held["columns"]) for name, held in relations.items()}
        for schema, relations in catalog.items()
    }
    statements = (text for run in ("first", "second") for text in _statements(run, folder / f"{run}.jsonl"))
    return Recording(tuple({statement.sql: statement for statement in statements}.values()), {DATABASE: columns})


def _statements(run: str, record: Path) -> Iterator[Statement]:
    """The project's own queries: what stands in views, and the changes that hooks and strategies make."""
    for line in record.read_text(encoding="utf-8").splitlines():
        sent = json.loads(line)
        executed = [text.replace("''", "'") for text in EXECUTED.findall(sent["sql"])]
        views = [match.groups() for text in executed if (match := VIEW.fullmatch(text))]
        # A unit test sends its query three times; the last one holds what it expects as well.
        queries = [sql for name, sql in views if not sent["node"].startswith("unit_test") or "testview" in name]
        changes = [sql.split("INSERT INTO")[0] for sql in (sent["sql"], *executed) if CHANGE.match(sql)]
        for sql in queries + changes:
            yield Statement(run, sent["node"], sql.rstrip().rstrip(";"))


def test_every_node_runs_without_a_server(recording: Recording) -> None:
    nodes = {statement.node.split(".")[0] for statement in recording.statements}
    assert nodes >= {"model", "snapshot", "test", "unit_test"}


def test_sqlglot_reads_every_statement_and_finds_no_trap(recording: Recording) -> None:
    found = [f"{statement.place}: {trap}" for statement in recording.statements for trap in find_traps(statement.sql)]
    assert not found, "\n" + "\n".join(found)


def test_every_column_is_found_where_t_sql_looks_for_it(recording: Recording) -> None:
    found = [
        f"{statement.place}: {trap}"
        for statement in recording.statements
        if statement.node.split(".")[0] in {"model", "unit_test"}
        for trap in find_name_traps(statement.sql, recording.schema)
    ]
    assert not found, "\n" + "\n".join(found)


def test_sqlfluff_reads_every_model(recording: Recording) -> None:
    # A second opinion at ten times the price: what a second run adds is left to sqlglot.
    linter = Linter(
        config=FluffConfig(overrides={"dialect": "tsql", "large_file_skip_byte_limit": 0, "max_parse_nodes": 0})
    )

    found = [
        f"{statement.place}: {problem}"
        for statement in recording.statements
        if statement.run == "first" and statement.node.split(".")[0] in {"model", "snapshot"}
        for problem in linter.parse_string(statement.sql + "\n").violations
    ]
    assert not found, "\n" + "\n".join(found)


def test_no_figure_is_a_float(built: Built) -> None:
    found = built.connection.sql(
        """
        select table_schema, table_name, column_name
        from information_schema.columns
        where data_type in ('DOUBLE', 'FLOAT')
        """
    ).fetchall()
    assert not found, f"decimal on every engine, please: {found}"
