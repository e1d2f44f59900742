"""Fixtures that several test modules share; the sample and the built project are made once per test run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path

import duckdb
import project_copy
import pytest
import uci
from filelock import FileLock

from runner import logs, sample_data

PROJECT = Path(__file__).resolve().parent.parent.parent

# The export gate takes seconds to get ready: test_gate.py tries it, and the project that is built once goes through it.
os.environ["TIEOUT_EXPORT_GATE"] = "off"

# Modules that take half a minute or more. They go first, one to each worker, so that none is left over at the end.
LONGEST = """
    test_tsql test_snowflake test_scenarios test_uci test_recovery test_revenue_faults test_random_rows test_run
    test_business_time test_uci_calendars test_several_warehouses test_rules_diff test_bi test_alerts_killed
""".split()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@dataclass(frozen=True)
class Built:
    """The project as built once on the sample, through the runner."""

    raw_dir: Path
    warehouse: Path
    output_dir: Path
    log_dir: Path
    as_of: datetime
    """UTC, the last second of the sample's last day."""
    connection: duckdb.DuckDBPyConnection
    """Read-only; marts are in schema `main`, the layers below in `main_intermediate` and `main_staging`."""

    @property
    def to_itself(self) -> FileLock:
        """To be held while a command works on the warehouse: it would refuse that of another worker."""
        return FileLock(self.warehouse.with_suffix(".tests.lock"))


@pytest.fixture(scope="session")
def shared_tmp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session", autouse=True)
def _one_parse(shared_tmp: Path) -> None:
    """Let dbt read the project once for all copies."""
    project_copy.parsed[:] = [shared_tmp / "partial_parse.msgpack"]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Keep the user's settings out of the tests, and the tests out of the user's log."""
    for name in [name for name in os.environ if name.startswith("TIEOUT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TIEOUT_LOG_DIR", str(tmp_path / "logs"))
    monkeypatch.setenv("TIEOUT_EXPORT_GATE", "off")
    # Otherwise every line that is logged is searched for the secrets of all tests before it.
    monkeypatch.setattr(logs, "_secrets", set())
    yield
    logs.stop()


@pytest.fixture(scope="session")
def sample_dir(shared_tmp: Path) -> Path:
    """The sample at scale 1, with its truth."""
    folder = shared_tmp / "sample"
    with FileLock(shared_tmp / "sample.lock"):
        if not folder.exists():
            sample_data.make(sample_data.SampleFacts(), folder)
    return folder


@pytest.fixture(scope="session")
def built(sample_dir: Path, shared_tmp: Path) -> Iterator[Built]:
    """The whole project, built on the sample as of its last second and exported."""
    root = shared_tmp / "built"
    as_of = datetime.combine(sample_data.facts_of(sample_dir).end, time(23, 59, 59), UTC)
    with FileLock(shared_tmp / "built.lock"):
        if not (root / "done").exists():
            environment = {name: value for name, value in os.environ.items() if not name.startswith("TIEOUT_")} | {
                "TIEOUT_DUCKDB_PATH": str(root / "tieout.duckdb"),
                "TIEOUT_LOG_DIR": str(root / "logs"),
            }
            command = [sys.executable, "-m", "runner", "run", "--raw-dir", str(sample_dir)]
            command += ["--as-of", as_of.isoformat(), "--output-dir", str(root / "exports")]
            done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            (root / "done").touch()
    connection = duckdb.connect(str(root / "tieout.duckdb"), read_only=True)
    yield Built(sample_dir, root / "tieout.duckdb", root / "exports", root / "logs", as_of, connection)
    connection.close()


@pytest.fixture(scope="session")
def uci_reports(shared_tmp: Path) -> Path:
    """The folder of the reports on real incidents (uci.make_reports)."""
    folder = shared_tmp / "uci"
    with FileLock(shared_tmp / "uci.lock"):
        if not (folder / "done").exists():
            uci.make_reports(folder)
            (folder / "done").touch()
    return folder
