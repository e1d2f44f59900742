"""The report: one HTML file that needs nothing but itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup

from runner.errors import TieoutError
from runner.exports import Manifest
from runner.report import charts, content
from runner.report.content import Content, Part

PAGE = "report.html"

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class _Sparkline:
    svg: Markup
    caption: str
    alt: str


def write(output_dir: Path, manifest: Manifest) -> Path:
    """Write the page beside the exports, whole or not at all; gives its path.

    Raises:
        TieoutError: the exports cannot be read, or the page cannot be written.
    """
    page = render(content.read(output_dir, manifest))
    part = output_dir / f".{PAGE}.part"
    try:
        part.write_text(page, encoding="utf-8", newline="\n")
        part.replace(output_dir / PAGE)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise TieoutError(
            f"{output_dir / PAGE} cannot be written ({error.strerror or error}): "
            "free it and write it again with 'tieout report'."
        ) from error
    return output_dir / PAGE


def render(shown: Content) -> str:
    """Give the page as text."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("page.html.j2").render(
        content=shown,
        style=Markup((_FOLDER / "page.css").read_text(encoding="utf-8")),  # noqa: S704 (our own file)
        drawings={
            rows.panel.id: Markup(charts.draw(rows.panel.chart, rows.values))  # noqa: S704 (the library escapes)
            for part in shown.parts
            for rows in part.rows
            if rows.panel.chart and rows.values
        },
        sparklines={part.section.id: _sparkline(part) for part in shown.parts},
    )


def _sparkline(part: Part) -> _Sparkline | None:
    rows = next((rows for rows in part.rows if rows.panel.id == part.section.spark), None)
    if rows is None or not rows.values:
        return None
    x, y, *_ = rows.panel.columns
    caption = f"{rows.cells[0][0].text} to {rows.cells[-1][0].text}"
    alt = f"{rows.panel.title}, {caption}. The figures stand below, with the chart of that name."
    svg = Markup(charts.sparkline(rows.values, x, y))  # noqa: S704 (the library escapes)
    return _Sparkline(svg, caption, alt)
