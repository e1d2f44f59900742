"""What the report and the screen show, as panels.yml declares it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

_FILE = Path(__file__).with_name("panels.yml")


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Panel(_Declared):
    """Rows of one mart, as a table or as a chart with its table."""

    id: str
    title: str
    mart: str
    columns: dict[str, str]
    """Column to heading."""
    order: str
    rows: int
    """At most so many are shown; the mart has the others."""
    on_screen: int = 0
    """So many of its rows are shown in the console."""
    where: str = ""
    wide: list[str] = []
    """Columns left out where the page is narrow."""
    note: str = ""
    empty: str = "None."
    span: Literal["", "third", "two-thirds"] = ""
    """How much of the width it takes; a chart takes a third, a table all of it."""
    chart: str = ""
    """Name of a file in charts/; none: a table only."""


class Section(_Declared):
    """A part of the page."""

    id: str
    title: str
    panels: list[Panel]
    domain: str = ""
    """The domain whose marts it shows, if it is one domain's."""
    question: str = ""
    figures: str = ""
    """The subject of runner/figures.py whose figures stand at its head."""
    hero: str = ""
    """The figure shown largest."""
    spark: str = ""
    """The panel whose chart is repeated, small, beside the headline figures."""


class Layout(_Declared):
    """Everything that is shown, in order."""

    sections: list[Section]


@cache
def layout() -> Layout:
    """Read panels.yml."""
    return Layout.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
