"""The project copied to a folder of its own, with other seeds and a warehouse of its own."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from runner import build

REPOSITORY = Path(__file__).resolve().parents[2]
TREES = ("models", "macros", "seeds", "snapshots", "analyses", "tests")
FILES = ("dbt_project.yml", "packages.yml", "package-lock.yml")


class ProjectCopy:
    """Built by dbt itself and not by the runner, which builds everything anew when a rule or model changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.warehouse = root / "warehouse.duckdb"
        self.target = self.warehouse.with_suffix(".dbt")  # as the runner has it
        for tree in TREES:
            if (REPOSITORY / tree).exists():
                shutil.copytree(REPOSITORY / tree, root / tree, ignore=shutil.ignore_patterns("python", "__pycache__"))
        for file in FILES:
            shutil.copy(REPOSITORY / file, root / file)
        shutil.copy(REPOSITORY / "profiles.yml.example", root / "profiles.yml")
        shutil.copytree(REPOSITORY / "runner" / "standin" / "dbt_utils", root / "dbt_packages" / "dbt_utils")

    def start_over(self, seeds: dict[str, str] | None = None) -> None:
        """An empty warehouse, and the seeds as they are shipped but for those given."""
        self.warehouse.unlink(missing_ok=True)
        for file in (REPOSITORY / "seeds").glob("*/*.csv"):
            shutil.copy(file, self.seeds_dir / file.parent.name / file.name)
        for name, text in (seeds or {}).items():
            self.write_seed(name, text)

    @property
    def seeds_dir(self) -> Path:
        """Where the seeds of this copy lie."""
        return self.root / "seeds"

    def write_seed(self, name: str, text: str) -> None:
        """Replace a seed that the project has."""
        (file,) = self.seeds_dir.glob(f"*/{name}.csv")
        file.write_text(text, encoding="utf-8")

    def take_over(self, kept: Path) -> None:
        """Take what dbt read of the project from a file, which the first copy of a test run writes.

        dbt finds by their contents the files that are not the same here.
        """
        known = self.target / "partial_parse.msgpack"
        with FileLock(kept.with_suffix(".lock")):
            if not kept.exists():
                self.dbt("parse")
                shutil.copy(known, kept)
        self.target.mkdir(exist_ok=True)
        shutil.copy(kept, known)

    def dbt(
        self, *arguments: str, raw_dir: Path | None = None, as_of: datetime | None = None, target: str = "duckdb"
    ) -> None:
        """Run a dbt command in this process; its failures are the message of an assertion."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        with pytest.MonkeyPatch.context() as patch, build.no_search_for_garbage():
            # As the runner gives them, so that what dbt knows of the project holds for both.
            patch.setenv("TIEOUT_DUCKDB_PATH", self.warehouse.name)
            patch.setenv(build.SEEDS_DIR, self.seeds_dir.name)
            patch.setenv("TIEOUT_RAW_DIR", (raw_dir or self.root / "no raw folder").as_posix())
            patch.setenv("TIEOUT_AS_OF", "" if as_of is None else as_of.isoformat())
            patch.delenv("TIEOUT_DOMAINS", raising=False)
            try:
                with chdir(self.root):
                    outcome = dbtRunner().invoke([*arguments, *self._options(target)])
            finally:
                DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        assert outcome.exception is None, outcome.exception
        results = getattr(outcome.result, "results", [])
        failures = [_told(result) for result in results if result.failures or _bad(result)]
        assert outcome.success, "\n".join(failures)

    def _options(self, target: str) -> list[str]:
        folder = self.target if target == "duckdb" else self.root / "warehouse" / f"{target}.dbt"
        return [
            *("--target", target, "--project-dir", str(self.root), "--profiles-dir", str(self.root)),
            *("--target-path", str(folder), "--log-path", str(self.root / "logs")),
            *("--log-level", "none", "--log-level-file", "none", "--no-print", "--no-version-check"),
            # Nobody here reads what dbt writes of the whole project, twice in every run, at two seconds each.
            *("--no-send-anonymous-usage-stats", "--no-write-json"),
        ]

    def build(
        self,
        raw_dir: Path,
        as_of: datetime,
        *arguments: str,
        without: Sequence[str] = ("test", "unit_test"),
        target: str = "duckdb",
    ) -> None:
        """Seeds, snapshots and models, and the data tests and unit tests that are not left out."""
        excluded = [part for kind in without for part in ("--exclude-resource-type", kind)]
        self.dbt("build", *excluded, *arguments, raw_dir=raw_dir, as_of=as_of, target=target)

    def compiled(self, sql: str) -> str:
        """A query with its macros and references resolved, as dbt would send it."""
        name = f"probe_{abs(hash(sql))}"
        file = self.root / "analyses" / f"{name}.sql"
        file.parent.mkdir(exist_ok=True)
        file.write_text(sql, encoding="utf-8")
        try:
            self.dbt("compile", "--select", name)
        finally:
            file.unlink()
        (made,) = (self.target / "compiled").rglob(f"{name}.sql")
        return made.read_text(encoding="utf-8")

    def connect(self) -> duckdb.DuckDBPyConnection:
        """The warehouse, to be read only."""
        return duckdb.connect(str(self.warehouse), read_only=True)


parsed: list[Path] = []
"""The file in which copies of one test run keep what dbt read of the project: that takes it a quarter of a minute."""


@cache
def shared_copy() -> ProjectCopy:
    """One copy for all tests of a process; whoever wants to keep what was built copies its warehouse."""
    folder = tempfile.TemporaryDirectory(prefix="tieout-project-")
    atexit.register(folder.cleanup)
    project = ProjectCopy(Path(folder.name))
    project.take_over(*parsed)
    return project


@contextmanager
def without_data_tests() -> Iterator[None]:
    """Leave data tests out of runs of the runner in this process: those of a run before have said what they say."""
    selection = build.selection
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "selection", lambda domains: [*selection(domains), "--exclude-resource-type", "test"])
        yield


def _bad(result: Any) -> bool:
    return str(result.status) in {"error", "fail", "runtime error"}


def _told(result: Any) -> str:
    return f"{result.node.name}: {result.status}: {result.message}"
