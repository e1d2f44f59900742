"""A SQL Server to test against, named by the environment, and raw tables in it.

    TIEOUT_SQLSERVER_HOST, TIEOUT_SQLSERVER_USER, TIEOUT_SQLSERVER_PASSWORD, TIEOUT_SQLSERVER_DATABASE
    TIEOUT_SQLSERVER_PORT (1433), TIEOUT_SQLSERVER_TRUST_CERTIFICATE (true where its certificate is its own)
    TIEOUT_TEST_MACRO_PATHS (folders of macros that the server needs on top, as macro-paths has them; commas between)

Only schemas called `tieout_test...` are written to: `tieout_test_raw_support` and so on hold the raw tables.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

ROOT = Path(__file__).resolve().parents[2]
TARGET = "sqlserver_login"
SCHEMA = "tieout_test"

# Read when the tests are collected: each test runs without the user's settings.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name.startswith("TIEOUT_SQLSERVER_")}
MACRO_PATHS = [path for path in os.environ.get("TIEOUT_TEST_MACRO_PATHS", "").split(",") if path]
NEEDED = ("TIEOUT_SQLSERVER_HOST", "TIEOUT_SQLSERVER_USER", "TIEOUT_SQLSERVER_PASSWORD", "TIEOUT_SQLSERVER_DATABASE")


def missing() -> list[str]:
    """The variables that are not set, without which there is no server to test against."""
    return [name for name in NEEDED if not ENVIRONMENT.get(name)]


def connect() -> Any:
    """Connect to the server."""
    import mssql_python

    def braced(name: str) -> str:
        return "{" + ENVIRONMENT[name].replace("}", "}}") + "}"

    trust = ENVIRONMENT.get("TIEOUT_SQLSERVER_TRUST_CERTIFICATE", "").lower() == "true"
    port = ENVIRONMENT.get("TIEOUT_SQLSERVER_PORT", "1433")
    return mssql_python.connect(
        f"SERVER={ENVIRONMENT['TIEOUT_SQLSERVER_HOST']},{port};Database={ENVIRONMENT['TIEOUT_SQLSERVER_DATABASE']};"
        f"UID={braced('TIEOUT_SQLSERVER_USER')};PWD={braced('TIEOUT_SQLSERVER_PASSWORD')};"
        f"Encrypt=yes;TrustServerCertificate={'yes' if trust else 'no'}",
        autocommit=True,
    )


def point_at_test_schemas(project_file: Path) -> None:
    """Make a copy of the project read the raw tables of the tests, with the macros asked for on top."""
    project = yaml.safe_load(project_file.read_text(encoding="utf-8"))
    project["macro-paths"] += MACRO_PATHS
    for source in _sources():
        project["vars"][f"{source['name']}_schema"] = f"{SCHEMA}_raw_{source['name']}"
    project_file.write_text(yaml.safe_dump(project, sort_keys=False), encoding="utf-8")


def drop_test_schemas(connection: Any) -> None:
    """Drop every view and table in the schemas of the tests."""
    cursor = connection.cursor()
    found = cursor.execute(
        f"""
        select table_schema, table_name, case when table_type = 'VIEW' then 'view' else 'table' end
        from information_schema.tables
        where left(table_schema, {len(SCHEMA)}) = '{SCHEMA}'
        order by table_type desc
        """
    ).fetchall()
    for schema, name, kind in found:
        cursor.execute(f"drop {kind} if exists [{schema}].[{name}]")


def load_raw_tables(connection: Any, raw_dir: Path) -> None:
    """Load every source of `<raw_dir>/<schema>/<table>.parquet`, with the types of the project's YAML."""
    cursor = connection.cursor()
    for source in _sources():
        schema = f"{SCHEMA}_raw_{source['name']}"
        cursor.execute(f"if schema_id('{schema}') is null exec('create schema {schema}')")
        for table in source["tables"]:
            file = raw_dir / source["name"] / f"{table['name']}.parquet"
            if file.exists():
                _load(cursor, f"{schema}.{table['name']}", table["columns"], file)


def _load(cursor: Any, table: str, columns: list[dict[str, str]], file: Path) -> None:
    types = ", ".join(f"{column['name']} {_type(column['data_type'])}" for column in columns)
    cursor.execute(f"drop table if exists {table}")
    cursor.execute(f"create table {table} ({types})")
    rows = pq.read_table(file, columns=[column["name"] for column in columns])
    for batch in rows.to_batches(max_chunksize=5000):
        # One JSON text a batch: twice as fast as a statement a row, and any server takes it.
        text = json.dumps(batch.to_pylist(), default=str)
        cursor.execute(f"insert into {table} select * from openjson(?) with ({types})", (text,))


def _type(kind: str) -> str:
    return {"timestamp": "datetime2(6)"}.get(kind, kind)


def _sources() -> list[dict[str, Any]]:
    files = sorted((ROOT / "models" / "staging").rglob("*sources.yml"))
    return [source for file in files for source in yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]]
