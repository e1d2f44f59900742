"""The whole project on a SQL Server, built on two days running, gives the marts that DuckDB gives, row by row.

`make test-sqlserver` runs this alone; how the server is named stands in sqlserver_server.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import raw_days
import sqlserver_server as server
from project_copy import REPOSITORY, ProjectCopy
from test_like_patterns import NASTY, OTHERS, SHIPPED, expected
from uci import UCI, is_there

pytestmark = pytest.mark.skipif(
    bool(server.missing()), reason=f"no SQL Server to build on: set {', '.join(server.missing())}"
)


@pytest.fixture
def project(tmp_path: Path) -> ProjectCopy:
    """A copy of the project whose tables on the server are not there yet."""
    copy = ProjectCopy(tmp_path / "project")
    server.point_at_test_schemas(copy.root / "dbt_project.yml")
    with server.connect() as connection:
        server.drop_test_schemas(connection)
    return copy


def command(project: ProjectCopy, *arguments: str) -> None:
    """Run a Python module on the project; what it says is the message where it does not exit with 0."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIEOUT_")}
    environment |= server.ENVIRONMENT | {
        "TIEOUT_SQLSERVER_SCHEMA": server.SCHEMA,
        "TIEOUT_PROJECT_DIR": str(project.root),
        "TIEOUT_DUCKDB_PATH": str(project.warehouse),
        "COLUMNS": "160",
    }
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(arguments)}:\n{done.stdout}{done.stderr}"


def build_both(project: ProjectCopy, raw_dir: Path, as_of: datetime, *options: str) -> None:
    """Build the project from the same rows on DuckDB and on the server, and compare every mart."""
    with server.connect() as connection:
        server.load_raw_tables(connection, raw_dir)
    for target in ("duckdb", server.TARGET):
        given = ("--target", target, "--raw-dir", str(raw_dir), "--as-of", as_of.isoformat())
        command(project, "runner", "run", *given, "--output-dir", str(project.root / f"exports_{target}"), *options)
    command(project, "runner", "parity", "duckdb", server.TARGET)


def test_the_sample_gives_the_same_marts_on_two_days(project: ProjectCopy, sample_dir: Path, tmp_path: Path) -> None:
    before, after = raw_days.make(sample_dir, tmp_path)
    build_both(project, before, datetime(2026, 6, 29, 23, 59, 59))
    build_both(project, after, datetime(2026, 6, 30, 23, 59, 59))


@is_there
def test_real_incidents_give_the_same_marts_on_two_days(project: ProjectCopy, tmp_path: Path) -> None:
    before, after = raw_days.make(UCI, tmp_path)
    moment = datetime(2016, 6, 1)
    build_both(project, before, moment, "--select-domain", "support")
    build_both(project, after, moment + timedelta(days=1), "--select-domain", "support")


def test_the_server_finds_by_like_what_the_rules_find() -> None:
    # Rules are tried on trimmed texts.
    texts = [text.rstrip() for text in NASTY]
    with server.connect() as connection:
        server.load_texts(connection, texts)
        for pattern in [*SHIPPED.values(), *OTHERS]:
            wanted = {number for number, is_found in enumerate(expected(pattern, texts)) if is_found}
            assert server.like_finds(connection, pattern) == wanted, pattern
