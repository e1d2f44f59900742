"""What a run is asked to do, settled once from options, environment and defaults.

Every option has an environment variable of the same name (`--raw-dir`, `TIEOUT_RAW_DIR`). A relative path given by the
user is taken from the folder they stand in, a default from the project's own folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from runner.errors import SettingError

Domain = Literal["msp", "revenue", "support"]
DOMAINS: tuple[Domain, ...] = get_args(Domain)

DUCKDB_PATH = "TIEOUT_DUCKDB_PATH"

# Dates outside this range overflow the date arithmetic of at least one engine.
_FIRST_YEAR, _LAST_YEAR = 1970, 2199


class Settings(BaseModel):
    """Settings of one run; frozen, so that every step works with the same ones."""

    model_config = ConfigDict(frozen=True)

    project_dir: Path
    """Folder of dbt_project.yml."""
    raw_dir: Path
    """Folder of the raw files, `<schema>/<table>.parquet` or `.csv`; embedded engine only."""
    output_dir: Path
    """Folder the exports are written to."""
    targets: Mapping[Domain, str]
    """The domains asked for, in the project's own order, each with the output of profiles.yml it lives in."""
    as_of: datetime
    """The moment the figures look at: UTC, whole seconds."""
    full_refresh: bool = False
    """Build every table anew instead of only what changed."""

    @property
    def warehouse_path(self) -> Path:
        """File of the embedded warehouse (`TIEOUT_DUCKDB_PATH`, default warehouse/tieout.duckdb)."""
        given = os.environ.get(DUCKDB_PATH)
        return Path(given).resolve() if given else self.project_dir / "warehouse" / "tieout.duckdb"

    @property
    def domains(self) -> tuple[Domain, ...]:
        """The domains asked for, in the project's own order."""
        return tuple(self.targets)

    def of_domain(self, domain: Domain) -> TargetSettings:
        """The settings of the part of a run that is done where a domain lives.

        Raises:
            SettingError: the domain was given no target.
        """
        for part in self.by_target():
            if domain in part.targets:
                return part
        raise SettingError(f"Domain '{domain}' lives nowhere: give it a target in tieout.yml.")

    def by_target(self) -> tuple[TargetSettings, ...]:
        """The same settings for each target, with the domains that live there."""
        return tuple(
            TargetSettings(
                **{
                    **dict(self),
                    "targets": {domain: own for domain, own in self.targets.items() if own == target},
                    "target": target,
                }
            )
            for target in dict.fromkeys(self.targets.values())
        )


class TargetSettings(Settings):
    """Settings of the part of a run that is done in one warehouse."""

    target: str
    """Its output in profiles.yml."""


def project_dir() -> Path:
    """Folder of the project: `TIEOUT_PROJECT_DIR`, else the one this package lies in.

    Raises:
        SettingError: there is no dbt_project.yml in it.
    """
    given = os.environ.get("TIEOUT_PROJECT_DIR")
    folder = Path(given).resolve() if given else Path(__file__).resolve().parent.parent
    if not (folder / "dbt_project.yml").is_file():
        raise SettingError(
            f"{folder} has no dbt_project.yml: set TIEOUT_PROJECT_DIR to the folder of your clone of tieout."
        )
    return folder


def log_dir() -> Path:
    """Folder of tieout.log: `TIEOUT_LOG_DIR`, else logs/ in the project."""
    given = os.environ.get("TIEOUT_LOG_DIR")
    return Path(given).resolve() if given else project_dir() / "logs"


def parse_as_of(text: str) -> datetime:
    """Read a moment as the contract (section 3) allows it: ISO 8601, UTC, with or without Z.

    Another offset is converted to UTC, fractions of a second are cut off, a bare date is its first second.

    Raises:
        SettingError: the text is no ISO 8601 moment, or lies outside the years the engines can reckon with.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise SettingError(
            f"as_of (--as-of, TIEOUT_AS_OF) is '{text}', which is no ISO 8601 moment: "
            "write it like 2026-06-30T23:59:59Z."
        ) from None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise SettingError(
            f"as_of (--as-of, TIEOUT_AS_OF) is '{text}': give a moment between {_FIRST_YEAR} and {_LAST_YEAR}."
        )
    return moment.replace(microsecond=0)


def iso(moment: datetime) -> str:
    """Write a UTC moment the one way the project does: 2026-06-30T23:59:59Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_domains(given: Iterable[str]) -> tuple[Domain, ...]:
    """Read domain names, case-blind, one or several (commas, spaces) in each item; nothing given means all.

    Raises:
        SettingError: a name that is none of msp, revenue, support.
    """
    names = [name.lower() for item in given for name in re.split(r"[,;\s]+", item) if name]
    unknown = [name for name in names if name not in DOMAINS]
    if unknown:
        raise SettingError(
            f"Domain '{unknown[0]}' (--select-domain, TIEOUT_SELECT_DOMAIN) is unknown: give any of "
            f"{', '.join(DOMAINS)}."
        )
    return tuple(domain for domain in DOMAINS if not names or domain in names)


def resolve(
    *,
    raw_dir: Path | None = None,
    as_of: str | None = None,
    target: str | None = None,
    output_dir: Path | None = None,
    select_domain: Sequence[str] = (),
    full_refresh: bool = False,
) -> Settings:
    """Settle the settings of a run; an option that is absent or empty takes its default.

    Without a target the domains live where tieout.yml says, and where there is no such file in the embedded engine.

    Raises:
        SettingError: a value cannot be used; the sentence names the option and the remedy.
    """
    from runner.deployment import targets_of

    root = project_dir()
    return Settings(
        project_dir=root,
        raw_dir=Path(raw_dir).resolve() if raw_dir else root / "data" / "sample",
        output_dir=Path(output_dir).resolve() if output_dir else root / "exports",
        targets=targets_of(root, parse_domains(select_domain), target, is_asked=any(select_domain)),
        as_of=parse_as_of(as_of) if as_of else datetime.now(UTC).replace(microsecond=0),
        full_refresh=full_refresh,
    )
