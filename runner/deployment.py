"""Which warehouse each domain lives in: tieout.yml of the project, where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from runner.errors import SettingError
from runner.settings import Domain

FILE = "tieout.yml"

EMBEDDED = "duckdb"
"""The target of every domain where nothing else is said."""


class _Deployment(BaseModel):
    """What tieout.yml may hold."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    targets: dict[Domain, Annotated[str, Field(min_length=1)]] = Field(min_length=1)


def targets_of(
    project_dir: Path, domains: Sequence[Domain], target: str | None, *, is_asked: bool = False
) -> dict[Domain, str]:
    """Give each domain its target: the one given, else that of tieout.yml, else the embedded engine.

    A domain that tieout.yml does not name is no part of the deployment.

    Args:
        project_dir: where tieout.yml lies.
        domains: the domains to place, in the order wanted.
        target: one target for all of them.
        is_asked: whether somebody named these domains, so that each must have a target.

    Raises:
        SettingError: the file cannot be read, or it has no target for a domain that was asked for.
    """
    file = project_dir / FILE
    if target or not file.is_file():
        return dict.fromkeys(domains, target or EMBEDDED)
    placed = _read(file)
    unplaced = [domain for domain in domains if domain not in placed]
    if is_asked and unplaced:
        raise SettingError(
            f"Domain '{unplaced[0]}' (--select-domain, TIEOUT_SELECT_DOMAIN) has no target in {FILE}: add it there."
        )
    return {domain: placed[domain] for domain in domains if domain in placed}


def _read(file: Path) -> dict[Domain, str]:
    try:
        return _Deployment.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))).targets
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingError(f"{FILE} cannot be read ({type(error).__name__}): copy {FILE}.example over it.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part != "[key]")
        raise SettingError(
            f"{FILE} does not fit{f' at {place}' if place else ''} ({first['msg']}): see {FILE}.example."
        ) from error
