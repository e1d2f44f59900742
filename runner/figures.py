"""How a figure of a mart is written for people, the same on the screen and in the summary; none is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

# The columns of daily_ops_summary are named `<section>_<figure>`.
_SECTIONS = {
    "msp_": "MSP",
    "revenue_": "Revenue",
    "support_": "Support",
    "data_quality_score_": "Data quality, 0 to 100",
    "alerts_": "Alerts",
}
_HEADINGS = ("day", "as_of")


@dataclass(frozen=True)
class Section:
    """The headline figures of one subject, each with its label; none where its domain was not part of the run."""

    title: str
    figures: tuple[tuple[str, str], ...]


def sections(row: Mapping[str, Any]) -> list[Section]:
    """Lay out the one row of daily_ops_summary by subject, in the mart's own order."""
    by_title: dict[str, list[tuple[str, Any]]] = {title: [] for title in _SECTIONS.values()}
    for name, value in row.items():
        if name in _HEADINGS:
            continue
        prefix = next((prefix for prefix in _SECTIONS if name.startswith(prefix)), "")
        title = _SECTIONS.get(prefix, "Other")
        by_title.setdefault(title, []).append((name.removeprefix(prefix), value))
    return [
        Section(title, tuple((_label(name), text(name, value)) for name, value in figures) if _any(figures) else ())
        for title, figures in by_title.items()
        if figures
    ]


def text(name: str, value: Any) -> str:
    """Write a figure: shares as percentages, numbers with separators, months as YYYY-MM, moments to the second."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%Y-%m}" if name.endswith("_month") else value.isoformat()
    if isinstance(value, Decimal | float) and ("_pct" in name or "_rate" in name):
        return f"{value:.1%}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal | float):
        return f"{value:,.2f}"
    return str(value)


def _label(name: str) -> str:
    words = name.removesuffix("_pct").removeprefix("is_").replace("_", " ")
    return words.replace(" gbp", " GBP").replace(" is ", " ")


def _any(figures: list[tuple[str, Any]]) -> bool:
    return any(value is not None for _, value in figures)
