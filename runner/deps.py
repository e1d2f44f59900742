"""The dbt packages: from the package hub, or the stand-in that ships with the project where the hub is out of reach."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from runner import logs
from runner.errors import TieoutError

_PACKAGE = "dbt_utils"
# Written beside the packages: the lock they were installed from. The package's own dbt_project.yml names no release.
_MARKER = ".installed-from"
# dbt tries 5 more times, a second apart; a hub that hangs instead of failing would hold it for minutes.
_HUB_SECONDS = 30


def is_installed(project_dir: Path) -> bool:
    """Tell whether dbt_packages holds the locked packages.

    Packages that `dbt deps` itself put there (no marker) count where they are newer than the lock.
    """
    folder = project_dir / "dbt_packages"
    package = folder / _PACKAGE / "dbt_project.yml"
    if not package.is_file():
        return False
    marker = folder / _MARKER
    if marker.is_file():
        return marker.read_text(encoding="utf-8").split()[0:1] == [_locked(project_dir)]
    return package.stat().st_ctime >= (project_dir / "package-lock.yml").stat().st_mtime


def install(project_dir: Path, *, hub_seconds: float = _HUB_SECONDS) -> str:
    """Put the locked dbt packages in place; gives one line on what was done.

    Raises:
        TieoutError: dbt_packages cannot be written.
    """
    if is_installed(project_dir):
        return "dbt packages are in place."
    if _installed_from_hub(project_dir, hub_seconds):
        source, line = "hub", "dbt packages were installed from the package hub."
    else:
        _copy_standin(project_dir)
        source, line = (
            "stand-in",
            "The dbt package hub cannot be reached: the stand-in for dbt_utils shipped with tieout is used instead.",
        )
    (project_dir / "dbt_packages" / _MARKER).write_text(f"{_locked(project_dir)} {source}\n", encoding="utf-8")
    logs.event("deps", source=source)
    return line


def _installed_from_hub(project_dir: Path, seconds: float) -> bool:
    command = [sys.executable, "-m", "dbt.cli.main", "--log-level-file", "none", "deps"]
    environment = {**os.environ, "DBT_PROFILES_DIR": str(project_dir), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    try:
        done = subprocess.run(  # noqa: S603 (a fixed command)
            command, cwd=project_dir, env=environment, capture_output=True, timeout=seconds, check=False, text=True
        )
    except subprocess.TimeoutExpired:
        logs.event("deps", hub="timeout", seconds=seconds)
        return False
    logs.event("deps", exit=done.returncode)
    return done.returncode == 0 and (project_dir / "dbt_packages" / _PACKAGE / "dbt_project.yml").is_file()


def _copy_standin(project_dir: Path) -> None:
    target = project_dir / "dbt_packages" / _PACKAGE
    try:
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(Path(__file__).parent / "standin" / _PACKAGE, target)
    except OSError as error:
        raise TieoutError(
            f"{target} cannot be written ({error.strerror}): free the folder and run 'tieout deps'."
        ) from error


def _locked(project_dir: Path) -> str:
    path = project_dir / "package-lock.yml"
    try:
        return str(yaml.safe_load(path.read_text(encoding="utf-8"))["sha1_hash"])
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise TieoutError(f"{path} cannot be read: restore it with git.") from error
