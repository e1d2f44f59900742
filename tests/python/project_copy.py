"""The project copied to a folder of its own, with other seeds and a warehouse of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb

REPOSITORY = Path(__file__).resolve().parents[2]
TREES = ("models", "macros", "seeds", "snapshots", "analyses", "tests")
FILES = ("dbt_project.yml", "packages.yml")


class ProjectCopy:
    def __init__(self, root: Path, seeds: dict[str, str] | None = None) -> None:
        self.root = root
        self.warehouse = root / "warehouse.duckdb"
        root.mkdir(parents=True, exist_ok=True)
        for tree in TREES:
            if (REPOSITORY / tree).exists():
                shutil.copytree(REPOSITORY / tree, root / tree, ignore=shutil.ignore_patterns("python", "__pycache__"))
        for file in FILES:
            shutil.copy(REPOSITORY / file, root / file)
        shutil.copy(REPOSITORY / "profiles.yml.example", root / "profiles.yml")
        shutil.copytree(REPOSITORY / "runner" / "standin" / "dbt_utils", root / "dbt_packages" / "dbt_utils")
        for name, text in (seeds or {}).items():
            self.write_seed(name, text)

    @property
    def seeds_dir(self) -> Path:
        return self.root / "seeds"

    def write_seed(self, name: str, text: str) -> None:
        (file,) = self.seeds_dir.glob(f"*/{name}.csv")
        file.write_text(text, encoding="utf-8")

    def dbt(self, command: str, *arguments: str, raw_dir: Path | None = None, as_of: datetime | None = None) -> str:
        environment = {**os.environ, "TIEOUT_DUCKDB_PATH": str(self.warehouse), "DBT_PROFILES_DIR": str(self.root)}
        environment.pop("TIEOUT_DOMAINS", None)
        if raw_dir is not None:
            environment["TIEOUT_RAW_DIR"] = str(raw_dir)
        if as_of is not None:
            environment["TIEOUT_AS_OF"] = as_of.isoformat()
        done = subprocess.run(
            [
                Path(sys.executable).parent / "dbt",
                "--no-use-colors",
                command,
                "--project-dir",
                str(self.root),
                *arguments,
            ],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        output = done.stdout + done.stderr
        assert done.returncode == 0, output[-8000:]
        return output

    def build(self, raw_dir: Path, as_of: datetime, *arguments: str, with_tests: bool = False) -> None:
        kinds = ["unit_test"] if with_tests else ["unit_test", "test"]
        excluded = [part for kind in kinds for part in ("--exclude-resource-type", kind)]
        self.dbt("build", *excluded, *arguments, raw_dir=raw_dir, as_of=as_of)

    def connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(self.warehouse), read_only=True)
        connection.execute("set TimeZone = 'UTC'")
        return connection
