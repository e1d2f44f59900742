"""What this machine lacks to run the project, and how to get it. Reads only; imports nothing heavy."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from runner import deps, domains, profiles
from runner.errors import TieoutError
from runner.seed_checks import check_seeds
from runner.settings import Settings, TargetSettings

_OLDEST_PYTHON = (3, 11)
_EXTRAS = {"snowflake": "snowflake", "sqlserver": "sqlserver"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `remedy` is empty where nothing is to be done."""

    item: str
    state: str
    is_missing: bool = False
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything a run needs."""
    return [
        _python(),
        *_packages(),
        _git(),
        _dbt_packages(settings.project_dir),
        *_targets(settings),
        *_connections(settings),
        _seeds(settings.project_dir),
        *_channels(settings.project_dir),
        *_raw(settings),
        _writable("warehouse", settings.warehouse_path.parent, "set TIEOUT_DUCKDB_PATH to a file you may write"),
        _writable("output folder", settings.output_dir, "name another with --output-dir"),
    ]


def _python() -> Finding:
    is_old = sys.version_info < _OLDEST_PYTHON
    return Finding("Python", platform.python_version(), is_old, "install Python 3.11 or newer" if is_old else "")


def _packages() -> Iterator[Finding]:
    try:
        requirements = importlib.metadata.requires("tieout") or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding("packages", "tieout is not installed", is_missing=True, remedy="run 'make setup'")
        return
    wanted = [requirement for requirement in map(Requirement, requirements) if _is_wanted(requirement)]
    unfit = []
    for requirement in wanted:
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            unfit.append(f"{requirement.name} is not installed")
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            unfit.append(f"{requirement.name} is {version}, not {requirement.specifier}")
    if unfit:
        remedy = "run 'make setup', or 'pip install -r requirements.lock'"
        yield Finding("packages", "; ".join(unfit), is_missing=True, remedy=remedy)
    else:
        yield Finding("packages", f"all {len(wanted)} in place")


def _is_wanted(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def _git() -> Finding:
    path = shutil.which("git")
    return Finding("git", "found" if path else "not found", not path, "" if path else "install git and put it on PATH")


def _dbt_packages(project_dir: Path) -> Finding:
    try:
        is_there = deps.is_installed(project_dir)
    except TieoutError as error:
        return Finding("dbt packages", str(error), is_missing=True)
    return Finding(
        "dbt packages",
        "in place" if is_there else "not in place, or not the locked ones",
        not is_there,
        "" if is_there else "run 'tieout deps' (a run does so by itself)",
    )


def _targets(settings: Settings) -> Iterator[Finding]:
    file = profiles.profiles_file(settings.project_dir).name
    kinds = set()
    for part in settings.by_target():
        kind = _kind(part)
        if isinstance(kind, TieoutError):
            yield Finding("target", str(kind), is_missing=True)
            continue
        kinds.add(kind)
        yield Finding("target", f"{part.target} ({kind}) from {file}, for {', '.join(part.domains)}")
    for name in sorted({*kinds, *_EXTRAS}):
        try:
            state = f"dbt-{name} {importlib.metadata.version(f'dbt-{name}')}"
            yield Finding(f"adapter {name}", state)
        except importlib.metadata.PackageNotFoundError:
            remedy = f"pip install 'tieout[{_EXTRAS[name]}]' from this folder: pip install -e '.[{_EXTRAS[name]}]'"
            is_needed = name in kinds
            yield Finding(
                f"adapter {name}", "not installed", is_needed, remedy if is_needed else "only for that target"
            )


def _connections(settings: Settings) -> Iterator[Finding]:
    """Try the warehouses that are not on this machine."""
    for part in settings.by_target():
        kind = _kind(part)
        if not isinstance(kind, str) or kind not in _EXTRAS:
            continue
        try:
            from runner.warehouse import open_warehouse

            with open_warehouse(profiles.target_output(part), part.target):
                yield Finding(f"connection {part.target}", "can be reached")
        except ImportError:
            # The adapter is missing, which is said already.
            continue
        except TieoutError as error:
            remedy = "check its variables, network and grants (README, Warehouses)"
            yield Finding(f"connection {part.target}", str(error), is_missing=True, remedy=remedy)


def _kind(settings: TargetSettings) -> str | TieoutError:
    try:
        return str(profiles.target_output(settings)["type"])
    except TieoutError as error:
        return error


def _seeds(project_dir: Path) -> Finding:
    try:
        problems = check_seeds(project_dir / "seeds")
    except TieoutError as error:
        return Finding("seeds", str(error), is_missing=True)
    if problems:
        return Finding(
            "seeds", f"{len(problems)} cells do not fit", is_missing=True, remedy="'tieout check' lists them"
        )
    return Finding("seeds", "fit")


def _channels(project_dir: Path) -> Iterator[Finding]:
    """Look whether each channel of the alert routes has an address that can be used; nothing is sent or shown."""
    from runner.alerts.channels import open_channel, variable_of
    from runner.alerts.routes import channels_of, read_routes

    try:
        names = channels_of(read_routes(project_dir))
    except TieoutError:
        # The seeds do not fit, which is said already.
        return
    for name in names:
        remedy = f"set {variable_of(name)} (README, Alerts), or route to another in seeds/operations/alert_routes.csv"
        try:
            open_channel(name, timeout=1)
        except TieoutError as error:
            yield Finding(f"alert channel {name}", str(error), is_missing=True, remedy=remedy)
        else:
            yield Finding(f"alert channel {name}", "has an address")


def _raw(settings: Settings) -> Iterator[Finding]:
    embedded = [domain for part in settings.by_target() if _kind(part) == "duckdb" for domain in part.domains]
    if not embedded:
        return
    if not settings.raw_dir.is_dir():
        remedy = "run 'tieout sample', or name the folder of your files with --raw-dir"
        yield Finding("raw folder", f"{settings.raw_dir} does not exist", is_missing=True, remedy=remedy)
        return
    yield Finding("raw folder", str(settings.raw_dir))
    tables = domains.raw_tables(settings.project_dir)
    found = {
        domain: [table for table in tables if table.domain == domain and table.file_in(settings.raw_dir)]
        for domain in embedded
    }
    for domain in embedded:
        own = [table for table in tables if table.domain == domain]
        missing = [f"{table.schema}/{table.name}" for table in own if table not in found[domain]]
        if not missing:
            yield Finding(f"domain {domain}", f"all {len(own)} tables are there")
        elif found[domain] or not any(found.values()):
            remedy = f"put the files there (.parquet or .csv): {', '.join(missing)}"
            yield Finding(f"domain {domain}", f"lacks {len(missing)} of {len(own)} tables", True, remedy)
        else:
            yield Finding(f"domain {domain}", "no tables there: it will be skipped")


def _writable(item: str, folder: Path, remedy: str) -> Finding:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    can_write = existing.is_dir() and os.access(existing, os.W_OK)
    if can_write:
        return Finding(item, f"{folder} can be written")
    return Finding(item, f"{folder} cannot be written", is_missing=True, remedy=remedy)
