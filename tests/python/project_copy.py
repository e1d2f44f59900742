"""The project copied to a folder of its own, with other seeds and a warehouse of its own."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
TREES = ("models", "macros", "seeds", "snapshots", "analyses", "tests")
FILES = ("dbt_project.yml", "packages.yml", "package-lock.yml")


class ProjectCopy:
    """Built by dbt itself and not by the runner, which builds everything anew when a rule or model changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.warehouse = root / "warehouse.duckdb"
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

    def dbt(self, *arguments: str, raw_dir: Path | None = None, as_of: datetime | None = None) -> None:
        """Run a dbt command in this process; its failures are the message of an assertion."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TIEOUT_DUCKDB_PATH", self.warehouse.as_posix())
            patch.setenv("TIEOUT_RAW_DIR", (raw_dir or self.root / "no raw folder").as_posix())
            patch.setenv("TIEOUT_AS_OF", "" if as_of is None else as_of.isoformat())
            patch.delenv("TIEOUT_DOMAINS", raising=False)
            try:
                outcome = dbtRunner().invoke([*arguments, *self._options()])
            finally:
                DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        assert outcome.exception is None, outcome.exception
        results = getattr(outcome.result, "results", [])
        failures = [_told(result) for result in results if result.failures or _bad(result)]
        assert outcome.success, "\n".join(failures)

    def _options(self) -> list[str]:
        return [
            *("--project-dir", str(self.root), "--profiles-dir", str(self.root)),
            *("--target-path", str(self.root / "target"), "--log-path", str(self.root / "logs")),
            *("--log-level", "none", "--log-level-file", "none", "--no-print", "--no-version-check"),
            "--no-send-anonymous-usage-stats",
        ]

    def build(self, raw_dir: Path, as_of: datetime, *arguments: str, with_tests: bool = False) -> None:
        """Seeds, snapshots and models, and the data tests where asked for."""
        kinds = ["unit_test"] if with_tests else ["unit_test", "test"]
        excluded = [part for kind in kinds for part in ("--exclude-resource-type", kind)]
        self.dbt("build", *excluded, *arguments, raw_dir=raw_dir, as_of=as_of)

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
        (made,) = (self.root / "target" / "compiled").rglob(f"{name}.sql")
        return made.read_text(encoding="utf-8")

    def connect(self) -> duckdb.DuckDBPyConnection:
        """The warehouse, to be read only."""
        return duckdb.connect(str(self.warehouse), read_only=True)


@cache
def shared_copy() -> ProjectCopy:
    """One copy for all tests of a process: dbt reads a project it knows in a fraction of the time.

    Its warehouse stays at one place, as dbt would read everything again for another; whoever wants to keep what was
    built copies the file.
    """
    folder = tempfile.TemporaryDirectory(prefix="tieout-project-")
    atexit.register(folder.cleanup)
    return ProjectCopy(Path(folder.name))


def _bad(result: Any) -> bool:
    return str(result.status) in {"error", "fail", "runtime error"}


def _told(result: Any) -> str:
    return f"{result.node.name}: {result.status}: {result.message}"
