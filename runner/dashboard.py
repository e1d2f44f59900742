"""The figures at a glance after a run, read from the exported marts: no figure is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from runner.exports import SUMMARY_MART, Manifest
from runner.screen import say

Order = tuple[str, Literal["ascending", "descending"]]


@dataclass(frozen=True)
class _Panel:
    """A few rows of one mart: which, in what order, and what they are called."""

    title: str
    mart: str
    columns: Mapping[str, str]
    order: tuple[Order, ...]
    rows: int
    but_not: tuple[str, str] | None = None
    """Column and value of rows to leave out."""


_PANELS = (
    _Panel(
        "MSP: invoices that differ, GBP",
        "rpt_msp_invoice_variance",
        {
            "billing_month": "month",
            "environment": "environment",
            "tier": "tier",
            "calculated_gbp": "ours",
            "invoiced_gbp": "invoiced",
            "variance_gbp": "variance",
            "variance_pct": "%",
            "cause": "cause",
            "severity": "severity",
        },
        (("billing_month", "descending"), ("environment", "ascending"), ("tier", "ascending")),
        6,
        but_not=("cause", "matched"),
    ),
    _Panel(
        "Revenue: booked and recognized, reporting currency",
        "rpt_revenue_reconciliation_monthly",
        {
            "revenue_month": "month",
            "revenue_category": "category",
            "customer_segment": "segment",
            "booked_amount": "booked",
            "recognized_amount": "recognized",
            "variance_amount": "variance",
            "match_rate": "matched",
        },
        (("revenue_month", "descending"), ("revenue_category", "ascending"), ("customer_segment", "ascending")),
        6,
    ),
    _Panel(
        "Support: promises kept, lowest first",
        "sla_summary",
        {
            "priority": "priority",
            "region": "region",
            "metric": "metric",
            "case_count": "cases",
            "breached": "breached",
            "compliance_pct": "compliance",
            "mean_elapsed_hours": "mean hours",
        },
        (("compliance_pct", "ascending"), ("priority", "ascending"), ("region", "ascending"), ("metric", "ascending")),
        6,
    ),
    _Panel(
        "Support: backlog",
        "backlog_spike_summary",
        {
            "day": "day",
            "open_backlog": "open",
            "baseline_backlog": "mean of the days before",
            "growth_pct": "growth",
            "is_spike": "spike",
        },
        (("day", "descending"),),
        1,
    ),
    _Panel(
        "Data quality, lowest first",
        "data_quality_score",
        {
            "domain": "domain",
            "table_name": "table",
            "dimension": "dimension",
            "checked_rows": "checked",
            "failed_rows": "failed",
            "score": "score",
        },
        (("score", "ascending"), ("domain", "ascending"), ("table_name", "ascending"), ("dimension", "ascending")),
        5,
    ),
)

_VERDICTS = {
    0: ("All well: every test passed.", "bold green"),
    1: ("Not all well: a test failed or files are missing, see above; what passed is exported.", "bold red"),
}


def show(console: Console, output_dir: Path, manifest: Manifest, exit_code: int) -> None:
    """Print the headline figures, a few rows of each domain's marts, what is stale, and where the exports are."""
    current = {file.mart for file in manifest.files if file.status == "current"}
    if SUMMARY_MART in current:
        _show_summary(console, output_dir)
    for panel in _PANELS:
        if panel.mart in current:
            _show_panel(console, output_dir, panel)
    stale = {file.mart: file.reason for file in manifest.stale} | manifest.not_exported
    for mart, reason in sorted(stale.items()):
        say(console, f"Not renewed: {mart} ({reason}).", style="yellow")
    say(console, *_VERDICTS[exit_code])
    say(
        console,
        f"{len(current)} marts, figures as of {manifest.as_of}, are in {output_dir} (.csv, .parquet, manifest.json).",
    )


def _show_summary(console: Console, output_dir: Path) -> None:
    rows = pq.read_table(output_dir / f"{SUMMARY_MART}.parquet").to_pylist()
    grid = Table(title="Today", title_justify="left", box=box.SIMPLE, show_header=False, pad_edge=False)
    for _ in range(4):
        grid.add_column(overflow="fold")
    cells = [
        text for row in rows for name, value in row.items() for text in (name.replace("_", " "), _text(name, value))
    ]
    for start in range(0, len(cells), 4):
        grid.add_row(*map(Text, cells[start : start + 4]))
    console.print(grid)


def _show_panel(console: Console, output_dir: Path, panel: _Panel) -> None:
    table = pq.read_table(output_dir / f"{panel.mart}.parquet", columns=list(panel.columns))
    if panel.but_not:
        column, value = panel.but_not
        table = table.filter(pc.not_equal(table[column], value))
    table = table.sort_by(list(panel.order)).slice(0, panel.rows)
    shown = Table(title=panel.title, title_justify="left", box=box.SIMPLE, pad_edge=False)
    for name, heading in panel.columns.items():
        is_number = not str(table.schema.field(name).type).startswith(("string", "date", "bool"))
        shown.add_column(heading, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    for row in table.to_pylist():
        shown.add_row(*(Text(_text(name, row[name])) for name in panel.columns))
    console.print(shown if table.num_rows else f"{panel.title}: none.")


def _text(name: str, value: Any) -> str:
    """Write a cell: shares as percentages, money with separators, moments to the second."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%Y-%m}" if name.endswith("_month") else value.isoformat()
    if name.endswith(("_pct", "_rate")) and isinstance(value, Decimal | float):
        return f"{value:.1%}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal | float):
        return f"{value:,.2f}"
    return str(value)
