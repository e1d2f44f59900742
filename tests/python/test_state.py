"""What is remembered of a warehouse, and when its tables must be built anew."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runner.errors import BusyError
from runner.settings import TargetSettings
from runner.state import (
    WarehouseState,
    Workspace,
    fingerprints_after,
    locked,
    needs_full_refresh,
    project_fingerprint,
)


def state(**fingerprints: str) -> WarehouseState:
    moment = datetime(2026, 6, 30, tzinfo=UTC)
    return WarehouseState(
        run_started=moment, as_of=moment, domains=["msp"], fingerprints=fingerprints, settings_relation="s"
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("models/a.sql", "macros/m.sql", "seeds/s.yml", "seeds/s.csv", "runner/r.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one\ntwo\n", encoding="utf-8")
    (tmp_path / "dbt_project.yml").write_text("name: tieout\n", encoding="utf-8")
    (tmp_path / "package-lock.yml").write_text("sha1_hash: 1\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["models/a.sql", "macros/m.sql", "seeds/s.yml", "dbt_project.yml", "package-lock.yml"])
def test_a_changed_definition_changes_the_fingerprint(project: Path, name: str) -> None:
    before = project_fingerprint(project)
    (project / name).write_text("changed", encoding="utf-8")
    assert project_fingerprint(project) != before


def test_a_renamed_model_changes_the_fingerprint(project: Path) -> None:
    before = project_fingerprint(project)
    (project / "models" / "a.sql").rename(project / "models" / "b.sql")
    assert project_fingerprint(project) != before


@pytest.mark.parametrize("name", ["seeds/s.csv", "runner/r.py"])
def test_data_and_the_runner_do_not(project: Path, name: str) -> None:
    before = project_fingerprint(project)
    (project / name).write_text("changed", encoding="utf-8")
    assert project_fingerprint(project) == before


def test_line_ends_do_not(project: Path) -> None:
    before = project_fingerprint(project)
    (project / "models" / "a.sql").write_bytes(b"one\r\ntwo\r\n")
    assert project_fingerprint(project) == before


def test_tables_are_built_anew_only_where_theirs_is_another_version() -> None:
    assert not needs_full_refresh(None, ["msp"], "new")
    assert not needs_full_refresh(state(msp="new", operations="new"), ["msp"], "new")
    assert needs_full_refresh(state(msp="old", operations="new"), ["msp"], "new")
    assert needs_full_refresh(state(msp="new", operations="old"), ["msp"], "new")
    assert not needs_full_refresh(state(revenue="old", operations="new"), ["msp"], "new")


def test_a_domain_not_built_keeps_its_old_fingerprint() -> None:
    after = fingerprints_after(state(msp="old", revenue="old", operations="old"), ["msp"], "new", is_complete=True)
    assert after == {"msp": "new", "revenue": "old", "operations": "new"}


def test_a_build_with_skipped_tables_is_done_in_full_again() -> None:
    after = fingerprints_after(state(msp="old", operations="new"), ["msp"], "new", is_complete=False)
    assert after == {"msp": "incomplete", "operations": "new"}
    assert needs_full_refresh(state(**after), ["msp"], "new")


def test_a_new_warehouse_has_nothing_older_in_it() -> None:
    assert fingerprints_after(None, ["msp"], "new", is_complete=False) == {"msp": "new", "operations": "new"}


def test_the_state_of_a_deleted_warehouse_is_forgotten(tmp_path: Path) -> None:
    settings = TargetSettings(
        project_dir=tmp_path,
        raw_dir=tmp_path,
        output_dir=tmp_path,
        targets={"msp": "duckdb"},
        target="duckdb",
        as_of=datetime(2026, 6, 30, tzinfo=UTC),
    )
    warehouse = tmp_path / "w.duckdb"
    workspace = Workspace(settings, {"type": "duckdb", "path": str(warehouse)})
    warehouse.touch()
    workspace.write(state(msp="one"))
    assert workspace.read() == state(msp="one")
    warehouse.unlink()
    assert workspace.read() is None


def test_a_lock_held_by_another_process_refuses_at_once(tmp_path: Path) -> None:
    path = tmp_path / "w.lock"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, filelock\nwith filelock.FileLock(sys.argv[1]):\n print('held', flush=True)\n sys.stdin.read()",
            str(path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match="Another run of tieout is at work"), locked(tmp_path / "free.lock", path):
            pass
    finally:
        holder.communicate("")
    with locked(tmp_path / "free.lock", path):
        pass
