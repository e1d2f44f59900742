"""The whole project on a stand-in for Snowflake, built twice, gives the marts and the files that DuckDB gives.

What remembers the first day is built by dbt alone, all of the second by the runner with every data test. dbt's unit
tests are left to the other engines: they say nothing here that the same rows in the marts do not, and take the stand-in
ten seconds each.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import raw_days
import snowflake_standin
import uci
from project_copy import REPOSITORY, ProjectCopy, parsed, without_data_tests
from snowflake_standin import DATABASE
from typer.testing import CliRunner

from runner import sample_data
from runner.cli import app

AS_OF = datetime(2026, 6, 30, 23, 59, 59)
SCALE = 0.1

# What a first day leaves for the next: everything else is made anew each time.
REMEMBERING = ("--select", "+config.materialized:incremental", "+resource_type:snapshot")


@pytest.fixture(scope="module")
def raw_dirs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A sample on two days: overnight rows came, changed and went, which makes others orphans."""
    folder = tmp_path_factory.mktemp("raw")
    sample_data.make(sample_data.SampleFacts(scale=SCALE), folder / "sample")
    return raw_days.make(folder / "sample", folder)


@dataclass(frozen=True)
class Deployed:
    """A copy of the project with both engines, and its output in profiles.yml for the stand-in."""

    project: ProjectCopy
    output: dict[str, Any]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    project = ProjectCopy(tmp_path_factory.mktemp("project"))
    project.take_over(*parsed)
    with snowflake_standin.as_target(project.root) as output:
        yield Deployed(project, output)


def tieout(project: ProjectCopy, *command: str, raw_dir: Path | None = None) -> None:
    environment = {
        "TIEOUT_PROJECT_DIR": str(project.root),
        "TIEOUT_DUCKDB_PATH": str(project.warehouse),
        "TIEOUT_RAW_DIR": None if raw_dir is None else str(raw_dir),
        "TIEOUT_AS_OF": AS_OF.isoformat(),
        "COLUMNS": "200",
    }
    with chdir(project.root):
        result = CliRunner().invoke(app, list(command), env=environment)
    assert result.exit_code == 0, result.output


def load(deployed: Deployed, raw_dir: Path) -> None:
    with snowflake_standin.connect(deployed.output) as connection:
        snowflake_standin.load_raw_tables(connection, raw_dir)


@pytest.fixture(scope="module")
def exports(deployed: Deployed, raw_dirs: tuple[Path, Path]) -> dict[str, Path]:
    """The exports of both engines, each built on a first day and on the rows of the next, there with all data tests."""
    before, after = raw_dirs
    project = deployed.project
    folders = {target: project.root / f"exports_{target}" for target in ("duckdb", "snowflake")}
    load(deployed, before)
    for target in folders:
        project.build(before, AS_OF, *REMEMBERING, target=target)
    load(deployed, after)
    overrides = (REPOSITORY / "seeds" / "msp" / "activity_point_overrides.csv").read_text(encoding="utf-8")
    first, *others, _ = overrides.splitlines()
    others[0] = others[0].replace("work notes", "notes")
    project.write_seed("activity_point_overrides", "\n".join([first, *others]) + "\n")
    tieout(project, "run", "--target", "snowflake", "--output-dir", str(folders["snowflake"]), raw_dir=after)
    with without_data_tests():
        tieout(project, "run", "--target", "duckdb", "--output-dir", str(folders["duckdb"]), raw_dir=after)
    return folders


def test_every_mart_is_the_same(deployed: Deployed, exports: dict[str, Path]) -> None:
    assert exports
    tieout(deployed.project, "parity", "duckdb", "snowflake")


def test_every_file_is_the_same_to_the_byte(exports: dict[str, Path]) -> None:
    assert_same_files(exports["snowflake"], exports["duckdb"])


def test_every_version_of_the_seeds_is_kept(deployed: Deployed, exports: dict[str, Path]) -> None:
    assert exports
    snapshots = "select table_name from information_schema.tables where table_schema = 'main_snapshots'"
    with deployed.project.connect() as connection:
        names = [name for (name,) in connection.execute(snapshots).fetchall()]
        rows = {name: connection.execute(f"select count(*) from main_snapshots.{name}").fetchone() for name in names}
    assert names
    with snowflake_standin.connect(deployed.output) as connection:
        for name in names:
            cursor = connection.cursor().execute(f"select count(*) from {DATABASE}.TIEOUT_SNAPSHOTS.{name}")
            assert cursor is not None
            assert cursor.fetchone() == rows[name], name


def test_support_on_snowflake_and_the_rest_on_duckdb_give_the_same_files(
    deployed: Deployed, exports: dict[str, Path], raw_dirs: tuple[Path, Path]
) -> None:
    project = deployed.project
    folder = project.root / "exports_apart"
    (project.root / "tieout.yml").write_text("targets: {msp: duckdb, revenue: duckdb, support: snowflake}\n")
    with without_data_tests():
        tieout(project, "run", "--output-dir", str(folder), raw_dir=raw_dirs[1])
    assert_same_files(folder, exports["duckdb"])


@uci.is_there
def test_real_incidents_give_the_same_report_to_the_byte(deployed: Deployed, uci_reports: Path, tmp_path: Path) -> None:
    project = deployed.project
    project.start_over()
    (project.root / "warehouse" / "snowflake.state.json").unlink(missing_ok=True)
    with snowflake_standin.connect(deployed.output) as connection:
        for layer in ("", "_STAGING", "_INTERMEDIATE", "_SEEDS", "_SNAPSHOTS"):
            connection.cursor().execute(f"drop schema if exists {DATABASE}.TIEOUT{layer}")
        snowflake_standin.load_raw_tables(connection, uci.UCI)
    with without_data_tests():
        uci.report(project.root, tmp_path / "exports", uci.AS_OFS[0], "snowflake")
    assert len(list((tmp_path / "exports").glob("*.parquet"))) > 10
    assert_same_files(tmp_path / "exports", uci_reports / "first")


def assert_same_files(folder: Path, expected: Path) -> None:
    names = [
        sorted(path.name for path in each.iterdir() if path.suffix in {".csv", ".parquet", ".txt"})
        for each in (folder, expected)
    ]
    assert names[0] == names[1]
    assert names[0]
    differing = {Path(name).stem for name in names[0] if (folder / name).read_bytes() != (expected / name).read_bytes()}
    # The times of the history are those of the runs that saw an edit.
    assert differing <= {"rpt_msp_override_history"}
