"""Real data: reports on the incident log of an IT department, made through the runner."""

from __future__ import annotations

import os
from contextlib import chdir
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from project_copy import REPOSITORY, shared_copy, without_data_tests
from rich.console import Console

from runner.run import OK, run
from runner.settings import Settings

UCI = Path(os.environ.get("TIEOUT_UCI_DIR", REPOSITORY.parent / "shared" / "data" / "uci_incidents"))
AS_OFS = (datetime(2016, 6, 1), datetime(2016, 6, 8))

is_there = pytest.mark.skipif(
    not UCI.is_dir(), reason=f"real data not there: {UCI} (set TIEOUT_UCI_DIR to the folder of uci_incidents)"
)


def make_reports(folder: Path) -> None:
    """Folders of exports: `first` and `second` of both moments, and `again` of the first one after the second."""
    project = shared_copy()
    project.start_over()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIEOUT_DUCKDB_PATH", project.warehouse.as_posix())
        report(project.root, folder / "first", AS_OFS[0], "duckdb")
        with without_data_tests():
            report(project.root, folder / "second", AS_OFS[1], "duckdb")
            report(project.root, folder / "again", AS_OFS[0], "duckdb")


def report(project_dir: Path, output_dir: Path, as_of: datetime, target: str) -> None:
    """Run on the incidents; what was told is the message where it did not go well."""
    settings = Settings(
        project_dir=project_dir,
        raw_dir=UCI,
        output_dir=output_dir,
        targets={"support": target},
        as_of=as_of.replace(tzinfo=UTC),
    )
    told = StringIO()
    with chdir(project_dir):
        assert run(settings, Console(file=told, width=120)) == OK, told.getvalue()
