"""What the report and the screen show, read from the exported files: rows chosen and ordered, nothing computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from runner.errors import TieoutError
from runner.exports import SUMMARY_MART, ExportedFile, Manifest
from runner.figures import Figure, sections, text
from runner.gate.gate import DOCS
from runner.report.layout import Panel, Section, layout

# Columns that hold codes: written in words.
_CODES = {
    "cause",
    "rule",
    "metric",
    "revenue_category",
    "override_type",
    "override_status",
    "severity",
    "change_kind",
    "sla_status",
}
_LEVELS = ("critical", "warning", "info")


@dataclass(frozen=True)
class Column:
    """A column of a panel."""

    name: str
    heading: str
    kind: str
    """number, moment, name (of a record) or text."""
    is_wide: bool


@dataclass(frozen=True)
class Cell:
    """A figure as people read it; `level` is its severity where it is one."""

    text: str
    level: str = ""


@dataclass(frozen=True)
class Rows:
    """What a panel shows."""

    panel: Panel
    columns: tuple[Column, ...]
    cells: tuple[tuple[Cell, ...], ...]
    values: tuple[Mapping[str, Any], ...]
    """The same rows as the mart holds them, for charts."""
    has_more: bool
    as_of: str
    """The moment the mart belongs to."""
    stale: str
    """Why the mart is an old one; empty where it belongs to this run."""


@dataclass(frozen=True)
class Part:
    """A section with its figures; `absent` says why there are none."""

    section: Section
    headlines: tuple[Figure, ...]
    """The headline figures, the most important first."""
    rows: tuple[Rows, ...]
    absent: str


@dataclass(frozen=True)
class Content:
    """Everything the report and the screen show."""

    as_of: datetime
    parts: tuple[Part, ...]
    stale: Mapping[str, str]
    """Marts that this run did not renew, and why."""
    current_count: int
    docs: str
    """Where the checks of the files are documented, from the page; empty where they were not checked."""

    @property
    def compared(self) -> tuple[Figure, ...]:
        """Headline figures with those of the day before beside them."""
        return tuple(figure for part in self.parts for figure in part.headlines if figure.yesterday)

    def part(self, section_id: str) -> Part:
        """Find a part by the id of its section."""
        return next(part for part in self.parts if part.section.id == section_id)


def read(output_dir: Path, manifest: Manifest) -> Content:
    """Read what the layout asks for from the exported Parquet files.

    Raises:
        TieoutError: a file that the manifest names cannot be read.
    """
    files = {file.mart: file for file in manifest.files if file.name == f"{file.mart}.parquet"}
    try:
        with duckdb.connect() as connection:
            figures = {one.title: one.figures for one in sections(_summary(connection, output_dir, files))}
            parts = tuple(
                _part(connection, output_dir, files, manifest, section, figures.get(section.figures, ()))
                for section in layout().sections
            )
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise TieoutError(
            f"The exports in {output_dir} cannot be read ({first}): write them again with 'tieout export'."
        ) from error
    return Content(
        as_of=datetime.fromisoformat(manifest.as_of),
        parts=parts,
        stale=dict(sorted(({file.mart: file.reason for file in manifest.stale} | manifest.not_exported).items())),
        current_count=sum(file.status == "current" for file in files.values()),
        docs=f"{DOCS}/index.html" if (output_dir / DOCS / "index.html").is_file() else "",
    )


def _summary(
    connection: duckdb.DuckDBPyConnection, output_dir: Path, files: Mapping[str, ExportedFile]
) -> Mapping[str, Any]:
    file = files.get(SUMMARY_MART)
    if file is None or file.status != "current":
        return {}
    relation = connection.read_parquet(str(output_dir / file.name))
    row = relation.limit(1).fetchall()
    return dict(zip(relation.columns, row[0], strict=True)) if row else {}


def _part(
    connection: duckdb.DuckDBPyConnection,
    output_dir: Path,
    files: Mapping[str, ExportedFile],
    manifest: Manifest,
    section: Section,
    figures: Sequence[Figure],
) -> Part:
    headlines = tuple(sorted(figures, key=lambda figure: figure.name != section.hero))
    if section.domain and section.domain not in manifest.domains:
        return Part(section, (), (), "Not part of this run.")
    rows = tuple(
        _rows(connection, output_dir / files[panel.mart].name, files[panel.mart], panel)
        for panel in section.panels
        if panel.mart in files
    )
    return Part(section, headlines, rows, "" if rows else "None of its marts could be exported yet.")


def _rows(connection: duckdb.DuckDBPyConnection, path: Path, file: ExportedFile, panel: Panel) -> Rows:
    relation = connection.read_parquet(str(path))
    if panel.where:
        relation = relation.filter(panel.where)
    relation = relation.order(panel.order).limit(panel.rows + 1)
    relation = relation.project(", ".join(f'"{name}"' for name in panel.columns))
    found = [dict(zip(panel.columns, row, strict=True)) for row in relation.fetchall()]
    values = tuple(found[: panel.rows])
    types = {column.name: column.type for column in file.columns}
    columns = tuple(
        Column(name, heading, _kind(name, types[name]), name in panel.wide) for name, heading in panel.columns.items()
    )
    return Rows(
        panel=panel,
        columns=columns,
        cells=tuple(tuple(_cell(name, value) for name, value in row.items()) for row in values),
        values=values,
        has_more=len(found) > panel.rows,
        as_of=file.as_of,
        stale=file.reason if file.status == "stale" else "",
    )


def _kind(name: str, arrow_type: str) -> str:
    if arrow_type.startswith(("int", "decimal", "double")):
        return "number"
    if arrow_type.startswith(("date", "timestamp")):
        return "moment"
    return "name" if name.endswith("_id") else "text"


def _cell(name: str, value: Any) -> Cell:
    if name in _CODES and value is not None:
        words = str(value).replace("_", " ")
        return Cell(words, words if name == "severity" and words in _LEVELS else "")
    if name in ("period", "month") and value is not None:
        return Cell(f"{value:%Y-%m}")
    if name.startswith("minutes_") and isinstance(value, Decimal):
        return Cell(f"{value:,.0f}")
    return Cell(text(name, value))
