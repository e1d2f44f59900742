"""The dbt packages: the hub's, or the stand-in where it cannot be reached; nothing where they are in place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from runner import deps

PROJECT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("dbt_project.yml", "packages.yml", "package-lock.yml"):
        shutil.copy(PROJECT / name, tmp_path)
    return tmp_path


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A hub that cannot be reached; the list holds the calls made to it."""
    made: list[str] = []

    def fail(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        made.append(command[-1])
        return subprocess.CompletedProcess(command, 2, "", "")

    monkeypatch.setattr(subprocess, "run", fail)
    return made


def test_the_standin_is_used_where_the_hub_cannot_be_reached(project: Path, calls: list[str]) -> None:
    line = deps.install(project)
    assert "stand-in" in line
    assert calls == ["deps"]
    installed = project / "dbt_packages" / "dbt_utils"
    assert sorted(path.name for path in (installed / "macros").iterdir()) == [
        "accepted_range.sql",
        "unique_combination_of_columns.sql",
    ]


def test_nothing_is_done_where_the_locked_packages_are_in_place(project: Path, calls: list[str]) -> None:
    deps.install(project)
    calls.clear()
    assert deps.install(project) == "dbt packages are in place."
    assert calls == []


def test_packages_of_another_lock_are_replaced(project: Path, calls: list[str]) -> None:
    deps.install(project)
    lock = project / "package-lock.yml"
    lock.write_text(lock.read_text(encoding="utf-8").replace("sha1_hash: ", "sha1_hash: 0"), encoding="utf-8")
    assert not deps.is_installed(project)
    calls.clear()
    deps.install(project)
    assert calls == ["deps"]


def test_packages_that_dbt_itself_installed_after_the_lock_count(project: Path) -> None:
    package = project / "dbt_packages" / "dbt_utils" / "dbt_project.yml"
    package.parent.mkdir(parents=True)
    os.utime(project / "package-lock.yml", (time.time() - 60, time.time() - 60))
    package.write_text("name: dbt_utils\n", encoding="utf-8")
    assert deps.is_installed(project)


def test_a_hub_that_hangs_is_given_up_on(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = subprocess.run

    def hang(_command: list[str], **options: object) -> object:
        return run([sys.executable, "-c", "import time; time.sleep(60)"], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", hang)
    started = time.monotonic()
    assert "stand-in" in deps.install(project, hub_seconds=0.2)
    assert time.monotonic() - started < 10


def test_the_lock_is_the_one_dbt_would_write() -> None:
    """An out-of-date lock would make `dbt deps` ask the hub and rewrite it."""
    from dbt.config.project import package_config_from_data
    from dbt.task.deps import _create_sha1_hash

    asked = yaml.safe_load((PROJECT / "packages.yml").read_text(encoding="utf-8"))
    lock = yaml.safe_load((PROJECT / "package-lock.yml").read_text(encoding="utf-8"))
    assert lock["sha1_hash"] == _create_sha1_hash(package_config_from_data(asked, asked).packages)
    assert [package["package"] for package in lock["packages"]] == [package["package"] for package in asked["packages"]]


def test_the_standin_has_every_macro_of_the_package_that_the_project_uses() -> None:
    standin = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "runner" / "standin").rglob("*.sql"))
    used = {
        word.split("dbt_utils.")[1].split("(")[0].strip(":- ,'\"")
        for folder in ("models", "macros", "seeds", "tests", "snapshots")
        for path in (PROJECT / folder).rglob("*.*ml" if folder in ("models", "seeds") else "*.sql")
        for word in path.read_text(encoding="utf-8").split()
        if "dbt_utils." in word
    }
    assert used
    assert {name for name in used if f"test {name}(" not in standin and f"macro {name}(" not in standin} == set()
