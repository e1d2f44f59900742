"""The whole project on a stand-in for Snowflake, built twice, gives the marts and the files that DuckDB gives.

The first day is built by dbt alone, the second by the runner with every data test. dbt's unit tests are left to the
other engines: they say nothing here that the same rows in the marts do not, and take the stand-in ten seconds each.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import snowflake_standin
from project_copy import REPOSITORY, ProjectCopy
from snowflake_standin import DATABASE

from runner import sample_data

AS_OF = "2026-06-30T23:59:59Z"
SCALE = 0.1


@pytest.fixture(scope="module")
def raw_dirs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A sample, and the same a day later: rows went and changed, which makes others orphans."""
    folder = tmp_path_factory.mktemp("raw")
    sample_data.make(sample_data.SampleFacts(scale=SCALE), folder / "before")
    a_day_later(folder / "before", folder / "after")
    return folder / "before", folder / "after"


def a_day_later(before: Path, after: Path) -> None:
    """Copy raw tables without every 40th row and with another value in every 30th."""
    values = {"quantity": "5", "amount_gbp": "1 + amount_gbp", "recognized_amount": "7", "case_status": "'pending'"}
    with duckdb.connect() as connection:
        for file in sorted(before.glob("*/*.parquet")):
            target = after / file.relative_to(before)
            target.parent.mkdir(parents=True, exist_ok=True)
            changes = [
                f"cast(case when position % 30 = 7 then {values[name]} else {name} end as {kind}) as {name}"
                for name, kind, *_ in connection.execute(f"describe from read_parquet('{file}')").fetchall()
                if name in values
            ]
            replaced = f"replace ({', '.join(changes)})" if changes else ""
            connection.execute(
                f"""
                copy (
                    select * exclude (position) {replaced}
                    from (select *, row_number() over () as position from read_parquet('{file}'))
                    where position % 40 <> 3
                ) to '{target}' (format parquet)
                """
            )


@dataclass(frozen=True)
class Deployed:
    """A copy of the project with both engines, and its output in profiles.yml for the stand-in."""

    project: ProjectCopy
    output: dict[str, Any]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    project = ProjectCopy(tmp_path_factory.mktemp("project"))
    with snowflake_standin.as_target(project.root) as output:
        yield Deployed(project, output)


def together(project: ProjectCopy, *commands: Sequence[str], raw_dir: Path | None = None) -> list[tuple[int, str]]:
    """Run commands of Python modules side by side; gives the exit code of each and what it said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIEOUT_")} | {
        "TIEOUT_PROJECT_DIR": str(project.root),
        "TIEOUT_DUCKDB_PATH": str(project.warehouse),
        "TIEOUT_AS_OF": AS_OF,
        "TIEOUT_EXPORT_GATE": "off",
        "COLUMNS": "200",
    }
    if raw_dir is not None:
        environment["TIEOUT_RAW_DIR"] = str(raw_dir)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command in commands
    ]
    said = [process.communicate()[0] for process in started]
    return [(process.returncode, text) for process, text in zip(started, said, strict=True)]


def load(deployed: Deployed, raw_dir: Path) -> None:
    with snowflake_standin.connect(deployed.output) as connection:
        snowflake_standin.load_raw_tables(connection, raw_dir)


def dbt_build(project: ProjectCopy, target: str, state_folder: str) -> list[str]:
    """Seeds, snapshots and models by dbt alone, where the runner finds what dbt read of the project."""
    place = project.root / state_folder
    return [
        *("dbt.cli.main", "build", "--target", target, "--project-dir", str(project.root), "--quiet"),
        *("--profiles-dir", str(project.root), "--target-path", str(place), "--log-path", str(place / "logs")),
        *("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"),
    ]


@pytest.fixture(scope="module")
def exports(deployed: Deployed, raw_dirs: tuple[Path, Path]) -> dict[str, Path]:
    """The exports of both engines, each built on a first day and, with all data tests, on the rows of the next."""
    before, after = raw_dirs
    project = deployed.project
    folders = {target: project.root / f"exports_{target}" for target in ("duckdb", "snowflake")}
    load(deployed, before)
    built = together(
        project,
        dbt_build(project, "duckdb", "warehouse.dbt"),
        dbt_build(project, "snowflake", "warehouse/snowflake.dbt"),
        raw_dir=before,
    )
    assert [code for code, _ in built] == [0, 0], "\n".join(said for _, said in built)
    load(deployed, after)
    overrides = (REPOSITORY / "seeds" / "msp" / "activity_point_overrides.csv").read_text(encoding="utf-8")
    first, *others, _ = overrides.splitlines()
    others[0] = others[0].replace("work notes", "notes")
    project.write_seed("activity_point_overrides", "\n".join([first, *others]) + "\n")
    ran = together(
        project,
        *(["runner", "run", "--target", target, "--output-dir", str(folder)] for target, folder in folders.items()),
        raw_dir=after,
    )
    assert [code for code, _ in ran] == [0, 0], "\n".join(said for _, said in ran)
    return folders


def test_every_mart_is_the_same(deployed: Deployed, exports: dict[str, Path]) -> None:
    assert exports
    ((code, said),) = together(deployed.project, ["runner", "parity", "duckdb", "snowflake"])
    assert code == 0, said


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
    ((code, said),) = together(project, ["runner", "run", "--output-dir", str(folder)], raw_dir=raw_dirs[1])
    assert code == 0, said
    assert_same_files(folder, exports["duckdb"])


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
