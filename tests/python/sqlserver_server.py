"""A SQL Server to test against, named by the environment, and raw tables in it.

    TIEOUT_SQLSERVER_HOST, TIEOUT_SQLSERVER_USER, TIEOUT_SQLSERVER_PASSWORD, TIEOUT_SQLSERVER_DATABASE
    TIEOUT_SQLSERVER_PORT (1433), TIEOUT_SQLSERVER_TRUST_CERTIFICATE (true where its certificate is its own)

The database is written to: schemas service_desk, msp_billing, ... hold the raw tables, `tieout...` what is built.
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

# Read when the tests are collected: each test runs without the user's settings.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name.startswith("TIEOUT_SQLSERVER_")}
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


def load_raw_tables(connection: Any, raw_dir: Path) -> None:
    """Load every source of the project from `<raw_dir>/<schema>/<table>.parquet`, with the types of its YAML."""
    cursor = connection.cursor()
    for file in sorted((ROOT / "models" / "staging").rglob("*sources.yml")):
        for source in yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]:
            schema = source["name"]
            cursor.execute(f"if schema_id('{schema}') is null exec('create schema {schema}')")
            for table in source["tables"]:
                name = f"{schema}.{table['name']}"
                types = ", ".join(
                    f"{column['name']} {column['data_type'].replace('timestamp', 'datetime2(6)')}"
                    for column in table["columns"]
                )
                cursor.execute(f"drop table if exists {name}")
                cursor.execute(f"create table {name} ({types})")
                rows = pq.read_table(raw_dir / schema / f"{table['name']}.parquet")
                rows = rows.select([column["name"] for column in table["columns"]])
                for batch in rows.to_batches(max_chunksize=5000):
                    # As one JSON text a batch: some ten times as fast as a statement a row.
                    text = json.dumps(batch.to_pylist(), default=str)
                    cursor.execute(f"insert into {name} select * from openjson(?) with ({types})", (text,))
