"""The figures at a glance after a run: what the report shows, as far as a screen holds it."""

from __future__ import annotations

from pathlib import Path

from rich import box
from rich.columns import Columns
from rich.console import Console
from rich.table import Table
from rich.text import Text

from runner.exports import Manifest
from runner.report import content
from runner.report.content import Content, Part, Rows
from runner.screen import say

_VERDICTS = {
    0: ("All well: every test passed.", "bold green"),
    1: ("Not all well: a test or a check failed or files are missing, see above; what passed is exported.", "bold red"),
}
_STYLES = {"critical": "bold red", "warning": "yellow"}


def show(console: Console, output_dir: Path, manifest: Manifest, exit_code: int) -> None:
    """Print the headline figures, a few rows of each domain's marts, what is stale, and where the exports are."""
    shown = content.read(output_dir, manifest)
    _show_headlines(console, shown)
    for part in shown.parts:
        for rows in part.rows:
            if rows.panel.on_screen and not rows.stale:
                _show_rows(console, f"{part.section.title}: {_lower_first(rows.panel.title)}", rows)
    for mart, reason in shown.stale.items():
        say(console, f"Not renewed: {mart} ({reason}).", style="yellow")
    say(console, *_VERDICTS[exit_code])
    say(
        console,
        f"{shown.current_count} marts, figures as of {manifest.as_of}, are in {output_dir} "
        "(.csv, .parquet, manifest.json).",
    )


def _show_headlines(console: Console, shown: Content) -> None:
    for is_domain in (True, False):
        parts = [part for part in shown.parts if bool(part.section.domain) is is_domain]
        grids = [_headlines(part, f"{shown.as_of:%A}s") for part in parts if part.headlines or is_domain]
        if grids:
            console.print(Columns(grids, padding=(0, 4)))
            console.print()


def _headlines(part: Part, weekday: str) -> Table:
    is_compared = any(figure.yesterday for figure in part.headlines)
    grid = Table(title=part.section.title, title_justify="left", box=None, pad_edge=False, header_style="dim")
    grid.show_header = is_compared
    for heading in ("", "", "yesterday", weekday) if is_compared else ("", ""):
        grid.add_column(heading, justify="right" if grid.columns else "left", no_wrap=True)
    for figure in part.headlines:
        cells = (figure.label, figure.value, figure.yesterday, figure.weekday_mean)
        grid.add_row(*cells[: len(grid.columns)])
    if not part.headlines:
        grid.add_row(part.absent or "No figures.")
    return grid


def _show_rows(console: Console, title: str, rows: Rows) -> None:
    if not rows.cells:
        say(console, f"{title}: {_lower_first(rows.panel.empty)}")
        return
    table = Table(title=title, title_justify="left", box=box.SIMPLE, pad_edge=False)
    for column in rows.columns:
        is_number = column.kind == "number"
        table.add_column(
            column.heading, justify="right" if is_number else "left", no_wrap=column.kind != "text", overflow="fold"
        )
    for cells in rows.cells[: rows.panel.on_screen]:
        table.add_row(*(Text(cell.text, style=_STYLES.get(cell.level, "")) for cell in cells))
    console.print(table)


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
