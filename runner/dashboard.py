"""The figures at a glance after a run, read from the exported marts: no figure is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich import box
from rich.columns import Columns
from rich.console import Console
from rich.table import Table
from rich.text import Text

from runner.exports import SUMMARY_MART, Manifest
from runner.figures import sections, text
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
    only: tuple[str, str] | None = None
    """Column and value of the rows to show."""


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
        "Critical alerts, newest first",
        "alerts",
        {"domain": "domain", "rule": "rule", "message": "message"},
        (("period", "descending"), ("alert_key", "ascending")),
        5,
        only=("severity", "critical"),
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
    for row in pq.read_table(output_dir / f"{SUMMARY_MART}.parquet").to_pylist():
        grids = []
        for section in sections(row):
            grid = Table(title=section.title, title_justify="left", box=None, pad_edge=False, header_style="dim")
            grid.show_header = section.is_compared
            for heading in ("", "", "yesterday", f"{row['day']:%A}s") if section.is_compared else ("", ""):
                grid.add_column(heading, justify="right" if grid.columns else "left", no_wrap=True)
            for figure in section.figures:
                grid.add_row(*(figure.label, figure.value, figure.yesterday, figure.weekday_mean)[: len(grid.columns)])
            if not section.figures:
                grid.add_row("not part of this run")
            grids.append(grid)
        console.print(Columns(grids, padding=(1, 4)))
        console.print()


def _show_panel(console: Console, output_dir: Path, panel: _Panel) -> None:
    table = pq.read_table(output_dir / f"{panel.mart}.parquet")
    if panel.but_not:
        column, value = panel.but_not
        table = table.filter(pc.not_equal(table[column], value))
    if panel.only:
        column, value = panel.only
        table = table.filter(pc.equal(table[column], value))
    table = table.sort_by(list(panel.order)).slice(0, panel.rows)
    shown = Table(title=panel.title, title_justify="left", box=box.SIMPLE, pad_edge=False)
    for name, heading in panel.columns.items():
        is_number = not str(table.schema.field(name).type).startswith(("string", "date", "bool"))
        shown.add_column(heading, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    for row in table.to_pylist():
        shown.add_row(*(Text(text(name, row[name])) for name in panel.columns))
    console.print(shown if table.num_rows else f"{panel.title}: none.")
