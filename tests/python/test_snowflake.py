"""The whole project on a stand-in for Snowflake, built twice, gives the marts and the files that DuckDB gives.

dbt's unit tests are left to the other engines: they say nothing here that the same rows in the marts do not, and take
the stand-in ten seconds each.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import snowflake_standin
import yaml
from project_copy import ProjectCopy

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


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProjectCopy]:
    """A copy of the project whose target `snowflake` is the stand-in."""
    root = tmp_path_factory.mktemp("project")
    copy = ProjectCopy(root)
    with snowflake_standin.running(root / "standin.log") as port:
        profiles = yaml.safe_load((root / "profiles.yml").read_text(encoding="utf-8"))
        outputs = profiles["tieout"]["outputs"]
        profiles["tieout"]["outputs"] = {"duckdb": outputs["duckdb"], "snowflake": snowflake_standin.output_of(port)}
        (root / "profiles.yml").write_text(yaml.safe_dump(profiles), encoding="utf-8")
        yield copy


def tieout(project: ProjectCopy, *arguments: str, raw_dir: Path | None = None) -> tuple[int, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIEOUT_")} | {
        "TIEOUT_PROJECT_DIR": str(project.root),
        "TIEOUT_DUCKDB_PATH": str(project.warehouse),
        "COLUMNS": "200",
    }
    if raw_dir is not None:
        environment["TIEOUT_RAW_DIR"] = str(raw_dir)
    done = subprocess.run(
        [sys.executable, "-m", "runner", *arguments],
        cwd=Path(__file__).resolve().parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def exports(project: ProjectCopy, raw_dirs: tuple[Path, Path]) -> dict[str, Path]:
    """The exports of both engines after a first run and one on the next day's rows."""
    output = (
        snowflake_standin.output_of(0)
        | yaml.safe_load((project.root / "profiles.yml").read_text(encoding="utf-8"))["tieout"]["outputs"]["snowflake"]
    )
    folders = {target: project.root / f"exports_{target}" for target in ("duckdb", "snowflake")}
    for raw_dir in raw_dirs:
        with snowflake_standin.connect(output) as connection:
            snowflake_standin.load_raw_tables(connection, raw_dir)
        for target, folder in folders.items():
            code, said = tieout(
                project, "run", "--target", target, "--as-of", AS_OF, "--output-dir", str(folder), raw_dir=raw_dir
            )
            assert code == 0, f"{target}: {said}"
    return folders


def test_every_mart_is_the_same(project: ProjectCopy, exports: dict[str, Path]) -> None:
    assert exports
    code, said = tieout(project, "parity", "duckdb", "snowflake")
    assert code == 0, said


def test_every_file_is_the_same_to_the_byte(exports: dict[str, Path]) -> None:
    names = {path.name for path in exports["duckdb"].iterdir() if path.suffix in {".csv", ".parquet", ".txt"}}
    assert names
    assert names == {
        path.name for path in exports["snowflake"].iterdir() if path.suffix in {".csv", ".parquet", ".txt"}
    }
    differing = [
        name
        for name in sorted(names)
        if (exports["duckdb"] / name).read_bytes() != (exports["snowflake"] / name).read_bytes()
    ]
    assert not differing
