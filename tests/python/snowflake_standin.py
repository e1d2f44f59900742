"""A stand-in for Snowflake: fakesnow's server, spoken to by the real connector, with raw tables in it.

Its gaps are closed here and in fakesnow_server.py; nothing in the project bends to them.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import snowflake.connector
import yaml

ROOT = Path(__file__).resolve().parents[2]
SERVER = Path(__file__).with_name("fakesnow_server.py")
# Not the name of the schema: the engine below cannot tell the two apart.
DATABASE = "TIEOUT_DB"


def output_of(port: int) -> dict[str, Any]:
    """Output of profiles.yml for a stand-in on a port; it takes any user and password."""
    return {
        "type": "snowflake",
        "account": "fakesnow",
        "host": "127.0.0.1",
        "port": port,
        "protocol": "http",
        "user": "tieout",
        "password": "any",
        "warehouse": "any",
        "database": DATABASE,
        "schema": "TIEOUT",
        "threads": 1,
    }


@contextmanager
def running(log: Path) -> Iterator[int]:
    """Start the stand-in on a free port, for as long as the block lasts; gives the port."""
    with started(log) as (port, _):
        yield port


@contextmanager
def started(log: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Start the stand-in, for as long as the block lasts; gives its port and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with log.open("wb") as sink:
        server = subprocess.Popen([sys.executable, str(SERVER), str(port)], stdout=sink, stderr=subprocess.STDOUT)
        try:
            _wait_for(port, server)
            yield port, server
        finally:
            server.terminate()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"fakesnow ended with {server.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError("fakesnow did not start")


@contextmanager
def as_target(project_dir: Path) -> Iterator[dict[str, Any]]:
    """Run a stand-in that is the target `snowflake` of a copy of the project; gives its output in profiles.yml."""
    with running(project_dir / "standin.log") as port:
        path = project_dir / "profiles.yml"
        profiles = yaml.safe_load(path.read_text(encoding="utf-8"))
        outputs = profiles["tieout"]["outputs"]
        profiles["tieout"]["outputs"] = {"duckdb": outputs["duckdb"], "snowflake": output_of(port)}
        path.write_text(yaml.safe_dump(profiles), encoding="utf-8")
        yield output_of(port)


def connect(output: Mapping[str, Any]) -> snowflake.connector.SnowflakeConnection:
    """Connect to the stand-in."""
    names = ("account", "host", "port", "protocol", "user", "password", "warehouse")
    return snowflake.connector.connect(
        **{name: output[name] for name in names},
        session_parameters={"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False},
        network_timeout=60,
    )


def load_raw_tables(connection: snowflake.connector.SnowflakeConnection, raw_dir: Path) -> None:
    """Load every source of the project from `<raw_dir>/<schema>/<table>.parquet`, with the types of its YAML.

    Sources without a folder there are left out.
    """
    cursor = connection.cursor()
    cursor.execute(f"create database if not exists {DATABASE}")
    for file in sorted((ROOT / "models" / "staging").rglob("*sources.yml")):
        for source in yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]:
            if not (raw_dir / source["name"]).is_dir():
                continue
            schema = source["name"].upper()
            cursor.execute(f"create schema if not exists {DATABASE}.{schema}")
            stage = f"{DATABASE}.{schema}.FILES_{raw_dir.name.upper()}"
            cursor.execute(f"create stage {stage} url = '{(raw_dir / source['name']).resolve().as_uri()}/'")
            for table in source["tables"]:
                columns = ", ".join(
                    f"{column['name']} {column['data_type'].replace('timestamp', 'timestamp_ntz')}"
                    for column in table["columns"]
                )
                name = table["name"].upper()
                cursor.execute(f"create or replace table {DATABASE}.{schema}.{name} ({columns})")
                cursor.execute(
                    f"copy into {DATABASE}.{schema}.{name} from @{stage} files = ('{table['name']}.parquet') "
                    "file_format = (type = parquet) match_by_column_name = case_insensitive"
                )
