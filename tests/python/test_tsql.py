"""Everything dbt would send to SQL Server is T-SQL, and T-SQL that says what the other engines are told.

No server is needed: dbt builds, snapshots and tests the whole project twice against an adapter that records (a first
run, and a second one in which incremental models and snapshots find themselves built). What the server would hold is
read from the embedded engine, which builds the project once from empty source files.
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
from functools import cache
from pathlib import Path

import duckdb
import pytest
import yaml
from sqlfluff.core import FluffConfig, Linter
from tsql_traps import Schema, find_traps

ROOT = Path(__file__).resolve().parents[2]
RECORDER = Path(__file__).with_name("offline_sqlserver.py")
pytestmark = pytest.mark.tsql

DATABASE = "offline"

# An EXEC('...') of the adapter; quotes inside are doubled.
EXECUTED = re.compile(r"EXEC\('((?:[^']|'')*)'\)", re.IGNORECASE)
VIEW = re.compile(r"\s*create\s+(?:or\s+alter\s+)?view\s+\S+\s+as\s(.*)", re.IGNORECASE | re.DOTALL)
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
    """Two runs, and the relations they would have left."""

    statements: tuple[Statement, ...]
    schema: Schema
    floats: tuple[str, ...]
    failures: tuple[str, ...]


def _dbt_environment(**more: str) -> dict[str, str]:
    return {
        **os.environ,
        "TIEOUT_AS_OF": "2026-06-30T23:59:59",
        "TIEOUT_SQLSERVER_HOST": "offline",
        "TIEOUT_SQLSERVER_DATABASE": DATABASE,
        # Schemas are called as on the embedded engine, which is asked what the relations look like.
        "TIEOUT_SQLSERVER_SCHEMA": "main",
        "TIEOUT_DOMAINS": "",
        **more,
    }


def _write_empty_sources(folder: Path) -> None:
    for file in sorted((ROOT / "models" / "staging").rglob("*sources.yml")):
        for source in yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]:
            for table in source["tables"]:
                target = folder / source["name"] / f"{table['name']}.csv"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(",".join(column["name"] for column in table["columns"]) + "\n", encoding="utf-8")


def _tsql_type(kind: str) -> str:
    names = {"VARCHAR": "nvarchar(4000)", "TIMESTAMP": "datetime2(6)", "BOOLEAN": "bit", "INTEGER": "int"}
    return names.get(kind, "decimal(38,0)" if kind == "HUGEINT" else kind.lower())


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    folder = tmp_path_factory.mktemp("tsql")
    profiles = folder / "profiles"
    profiles.mkdir()
    shutil.copy(ROOT / "profiles.yml.example", profiles / "profiles.yml")
    common = ["--project-dir", str(ROOT), "--profiles-dir", str(profiles), "--log-level", "warn", "--no-use-colors"]

    _write_empty_sources(folder / "raw")
    database = folder / "empty.duckdb"
    subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "build", "--target", "duckdb", *common),
            *("--exclude-resource-type", "test", "unit_test"),
            *("--target-path", str(folder / "duckdb"), "--log-path", str(folder / "log")),
        ],
        check=True,
        env=_dbt_environment(TIEOUT_RAW_DIR=str(folder / "raw"), TIEOUT_DUCKDB_PATH=str(database)),
        cwd=ROOT,
    )
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            """
            select c.table_schema, c.table_name, t.table_type, c.column_name, c.data_type
            from information_schema.columns as c
            inner join information_schema.tables as t using (table_schema, table_name)
            order by c.table_schema, c.table_name, c.ordinal_position
            """
        ).fetchall()
    catalog: dict[str, dict[str, dict[str, object]]] = {}
    schema: Schema = {DATABASE: {}}
    floats = []
    for schema_name, table, table_type, column, kind in rows:
        held = catalog.setdefault(schema_name, {}).setdefault(
            table, {"type": "view" if table_type == "VIEW" else "table", "columns": []}
        )
        columns = held["columns"]
        assert isinstance(columns, list)
        columns.append([column, _tsql_type(kind)])
        schema[DATABASE].setdefault(schema_name, {}).setdefault(table, {})[column] = _tsql_type(kind)
        if kind in {"DOUBLE", "FLOAT"}:
            floats.append(f"{schema_name}.{table}.{column}")

    statements: list[Statement] = []
    failures: list[str] = []
    catalog_file = folder / "catalog.json"
    catalog_file.write_text(json.dumps(catalog), encoding="utf-8")
    for run in ("first", "second"):
        record = folder / f"{run}.jsonl"
        record.touch()
        done = subprocess.run(
            [
                *(sys.executable, str(RECORDER), run, str(catalog_file), str(record)),
                *("build", "--target", "sqlserver", *common, "--threads", "1"),
                *("--target-path", str(folder / run), "--log-path", str(folder / "log")),
            ],
            env=_dbt_environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            failures.append(f"{run} run: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        statements += _statements(run, record)
    return Recording(tuple(statements), schema, tuple(floats), tuple(failures))


def _statements(run: str, record: Path) -> Iterator[Statement]:
    """The project's own queries: what stands in views, and the changes that hooks and strategies make."""
    seen = set()
    for line in record.read_text(encoding="utf-8").splitlines():
        sent = json.loads(line)
        executed = [text.replace("''", "'") for text in EXECUTED.findall(sent["sql"])]
        views = [match.group(1).rstrip().rstrip(";") for text in executed if (match := VIEW.fullmatch(text))]
        changes = [sql for sql in (sent["sql"], *executed) if CHANGE.match(sql)]
        for sql in views + changes:
            if (sent["node"], sql) not in seen:
                seen.add((sent["node"], sql))
                yield Statement(run, sent["node"], sql)


def test_every_node_runs_without_a_server(recording: Recording) -> None:
    assert not recording.failures, "\n".join(recording.failures)
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
        for trap in find_traps(statement.sql, recording.schema)
        if "name" in trap or "columns called" in trap
    ]
    assert not found, "\n" + "\n".join(found)


def test_sqlfluff_reads_every_statement(recording: Recording) -> None:
    linter = Linter(config=FluffConfig(overrides={"dialect": "tsql", "large_file_skip_byte_limit": 0}))

    @cache
    def unreadable(sql: str) -> tuple[str, ...]:
        return tuple(str(violation) for violation in linter.parse_string(sql + "\n").violations)

    found = [
        f"{statement.place}: {problem}"
        for statement in recording.statements
        if statement.node.split(".")[0] in {"model", "snapshot"}
        for problem in unreadable(statement.sql)
    ]
    assert not found, "\n" + "\n".join(found)


def test_no_figure_is_a_float(recording: Recording) -> None:
    assert not recording.floats, "decimal on every engine, please: " + ", ".join(recording.floats)
