"""How a figure of a mart is written for people, the same on the screen and in the summary; none is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

# How the columns of daily_ops_summary are called in front of people, by subject, in the order they are read.
_LABELS = {
    "MSP": {
        "msp_tasks_completed": "Tasks completed",
        "msp_activity_points": "Activity points",
        "msp_amount_gbp": "Worth of it, GBP",
        "msp_tasks_month_to_date": "Tasks completed, month to date",
        "msp_activity_points_month_to_date": "Activity points, month to date",
        "msp_amount_gbp_month_to_date": "Worth, month to date, GBP",
        "msp_calculated_gbp_last_month": "Worth, last month, GBP",
        "msp_invoiced_gbp_last_month": "Invoiced for it, GBP",
        "msp_variance_gbp_last_month": "Invoiced less worth, GBP",
        "msp_invoice_differences": "Invoice differences to look at",
    },
    "Revenue": {
        "revenue_deals_won": "Deals won",
        "revenue_entries_posted": "Ledger entries posted",
        "revenue_booked_last_month": "Booked, last month",
        "revenue_recognized_last_month": "Recognized, last month",
        "revenue_variance_last_month": "Recognized less booked",
        "revenue_match_rate_last_month": "Deals that match, last month",
        "revenue_open_discrepancies": "Discrepancies open",
        "revenue_open_amount": "Amount of those open",
    },
    "Support": {
        "support_cases_created": "Cases created",
        "support_cases_resolved": "Cases resolved",
        "support_backlog_net_change": "Created less resolved",
        "support_open_backlog": "Cases open",
        "support_backlog_growth_pct": "Backlog over its week's mean",
        "support_backlog_is_spike": "Backlog spike",
        "support_cases_at_risk": "Promises at risk",
        "support_open_breaches": "Promises broken and still open",
        "support_first_response_compliance_pct": "First responses in time",
        "support_resolution_compliance_pct": "Resolutions in time",
    },
    "Data quality, 0 to 100": {
        "data_quality_score_msp": "MSP",
        "data_quality_score_revenue": "Revenue",
        "data_quality_score_support": "Support",
    },
    "Alerts": {
        "alerts_critical": "Critical",
        "alerts_warning": "Warning",
        "alerts_info": "For information",
    },
}
_HEADINGS = ("day", "as_of")
_YESTERDAY, _WEEKDAY_MEAN = "_yesterday", "_weekday_mean"


@dataclass(frozen=True)
class Figure:
    """A headline figure as it is written; what it is compared with is empty where nothing stands beside it."""

    name: str
    label: str
    value: str
    yesterday: str
    weekday_mean: str


@dataclass(frozen=True)
class Section:
    """The headline figures of one subject; none where its domain was not part of the run."""

    title: str
    figures: tuple[Figure, ...]

    @property
    def is_compared(self) -> bool:
        """Whether something stands beside any of them."""
        return any(figure.yesterday for figure in self.figures)


def sections(row: Mapping[str, Any]) -> list[Section]:
    """Lay out the one row of daily_ops_summary by subject; a column without a label stands under its own name."""
    known = {name for labels in _LABELS.values() for name in labels}
    compared = {name + suffix for name in known for suffix in (_YESTERDAY, _WEEKDAY_MEAN)}
    other = {name: name.replace("_", " ") for name in row if name not in known | compared | set(_HEADINGS)}
    return [
        Section(title, tuple(_figure(row, name, label) for name, label in labels.items() if name in row))
        if any(row.get(name) is not None for name in labels)
        else Section(title, ())
        for title, labels in [*_LABELS.items(), ("Other", other)]
        if any(name in row for name in labels)
    ]


def _figure(row: Mapping[str, Any], name: str, label: str) -> Figure:
    yesterday, mean = (
        text(name, row[name + suffix]) if name + suffix in row else "" for suffix in (_YESTERDAY, _WEEKDAY_MEAN)
    )
    return Figure(name, label, text(name, row[name]), yesterday, mean)


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
