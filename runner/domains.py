"""Which domains can be built: those all of whose raw tables are there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from runner.errors import SettingError, TieoutError
from runner.settings import DOMAINS, Domain

# The order in which the embedded engine looks for a raw table (macros/raw/register_raw_files.sql).
SUFFIXES = (".parquet", ".csv")


@dataclass(frozen=True)
class RawTable:
    """One raw table of the contract (section 1)."""

    domain: Domain
    schema: str
    name: str

    def file_in(self, raw_dir: Path) -> Path | None:
        """The table's file in a raw folder; None where there is none."""
        for suffix in SUFFIXES:
            path = raw_dir / self.schema / f"{self.name}{suffix}"
            if path.is_file():
                return path
        return None


@dataclass(frozen=True)
class Skipped:
    """A domain that is not built, and the tables it lacks (`schema/table`)."""

    domain: Domain
    missing: tuple[str, ...]
    is_partial: bool
    """Some of its tables are there: likely a mistake, so the run ends with exit code 1."""


@dataclass(frozen=True)
class Plan:
    """The domains a run builds and those it skips, in the project's order."""

    built: tuple[Domain, ...]
    skipped: tuple[Skipped, ...]

    @property
    def has_partial(self) -> bool:
        """Tell whether a domain was skipped although some of its tables are there."""
        return any(skipped.is_partial for skipped in self.skipped)


def raw_tables(project_dir: Path) -> tuple[RawTable, ...]:
    """The raw tables as the sources' YAML describes them, each with the domain in its `meta`.

    Raises:
        SettingError: a sources file cannot be read.
    """
    found: list[RawTable] = []
    for path in sorted((project_dir / "models").rglob("*__sources.yml")):
        try:
            for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
                domain = source["config"]["meta"]["domain"]
                found.extend(RawTable(domain, source["name"], table["name"]) for table in source["tables"])
        except (yaml.YAMLError, KeyError, TypeError) as error:
            raise SettingError(f"{path.relative_to(project_dir)} cannot be read: restore it with git.") from error
    return tuple(found)


def plan(asked: Iterable[Domain], tables: Iterable[RawTable], raw_dir: Path, *, may_be_empty: bool = False) -> Plan:
    """Settle which of the domains asked for are built from the files in a raw folder.

    Raises:
        SettingError: the raw folder does not exist.
        TieoutError: no domain can be built, unless the plan may be empty.
    """
    if not raw_dir.is_dir():
        raise SettingError(
            f"The raw folder {raw_dir} (--raw-dir, TIEOUT_RAW_DIR) does not exist: "
            "name the folder of your files, or make sample data with 'tieout sample'."
        )
    wanted = set(asked)
    tables = tuple(tables)
    built: list[Domain] = []
    skipped: list[Skipped] = []
    for domain in (domain for domain in DOMAINS if domain in wanted):
        own = [table for table in tables if table.domain == domain]
        missing = tuple(f"{table.schema}/{table.name}" for table in own if table.file_in(raw_dir) is None)
        if own and not missing:
            built.append(domain)
        else:
            skipped.append(Skipped(domain, missing, is_partial=len(missing) < len(own)))
    if not built and not may_be_empty:
        lacking = next((skip for skip in skipped if skip.is_partial), skipped[0])
        raise TieoutError(
            f"No domain can be built from {raw_dir}: {lacking.domain} lacks {', '.join(lacking.missing)} "
            "(.parquet or .csv); put the files there or name another folder with --raw-dir."
        )
    return Plan(tuple(built), tuple(skipped))
