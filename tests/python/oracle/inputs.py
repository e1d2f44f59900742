"""Raw tables and seeds as data frames of Python objects: text trimmed, decimals exact, nothing a float."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from .exact import rounded

Row = dict[str, Any]

BLANKS = " \t\n\r\xa0"


@dataclass(frozen=True)
class RawTable:
    """A raw table of section 1: where it lies, its key, and the type of each column."""

    schema: str
    domain: str
    key: str
    columns: Mapping[str, str]


def _columns(text: str) -> dict[str, str]:
    return {column.partition(":")[0]: column.partition(":")[2] for column in text.split()}


RAW_TABLES: dict[str, RawTable] = {
    "service_tickets": RawTable(
        "service_desk",
        "msp",
        "ticket_id",
        _columns(
            "ticket_id:str ticket_type:str short_description:str site_code:str cost_centre:str requester_id:str "
            "priority:str opened_at:ts closed_at:ts updated_at:ts"
        ),
    ),
    "service_tasks": RawTable(
        "service_desk",
        "msp",
        "task_id",
        _columns(
            "task_id:str ticket_id:str asset_tag:str software_request_id:str task_description:str "
            "completion_method:str technician_id:str quantity:int task_status:str started_at:ts completed_at:ts "
            "updated_at:ts"
        ),
    ),
    "hardware_assets": RawTable(
        "service_desk",
        "msp",
        "asset_tag",
        _columns("asset_tag:str asset_type:str model:str site_code:str cost_centre:str updated_at:ts"),
    ),
    "software_requests": RawTable(
        "service_desk",
        "msp",
        "software_request_id",
        _columns("software_request_id:str ticket_id:str product:str licence_type:str requested_at:ts updated_at:ts"),
    ),
    "msp_invoice_lines": RawTable(
        "msp_billing",
        "msp",
        "invoice_line_id",
        _columns(
            "invoice_line_id:str invoice_number:str billing_month:date environment:str tier:str "
            "activity_points:dec4 amount_gbp:dec2 received_on:date updated_at:ts"
        ),
    ),
    "deals": RawTable(
        "analytics",
        "revenue",
        "deal_id",
        _columns(
            "deal_id:str customer_id:str customer_name:str customer_segment:str sales_rep:str sales_region:str "
            "revenue_type:str contract_value:dec2 currency_code:str duration_months:int booked_on:date "
            "start_date:date end_date:date deal_status:str cancelled_on:date updated_at:ts"
        ),
    ),
    "revenue_entries": RawTable(
        "accounting",
        "revenue",
        "entry_id",
        _columns(
            "entry_id:str deal_id:str recognition_period:date revenue_type:str entry_type:str "
            "recognized_amount:dec2 currency_code:str gl_account:str performance_obligation:str posted_by:str "
            "posted_at:ts updated_at:ts"
        ),
    ),
    "support_cases": RawTable(
        "support",
        "support",
        "case_id",
        _columns(
            "case_id:str priority:str region:str product:str queue:str customer_tier:str case_status:str "
            "created_at:ts first_responded_at:ts resolved_at:ts closed_at:ts reopened_count:int updated_at:ts"
        ),
    ),
    "support_case_events": RawTable(
        "support",
        "support",
        "event_id",
        _columns("event_id:str case_id:str case_status:str occurred_at:ts"),
    ),
}

SEEDS: dict[str, tuple[str, dict[str, str]]] = {
    "tier_rates": (
        "msp",
        _columns("tier:str points_per_task:dec4 rate_gbp_per_point:dec4 valid_from:date valid_to:date"),
    ),
    "completion_method_tiers": ("msp", _columns("completion_method:str tier:str")),
    "environment_rules": ("msp", _columns("rule_id:str precedence:int field:str pattern:str environment:str")),
    "task_category_rules": ("msp", _columns("rule_id:str precedence:int pattern:str category:str")),
    "activity_point_overrides": (
        "msp",
        _columns(
            "override_id:str task_id:str billing_month:date environment:str tier:str override_type:str "
            "override_value:str reason:str requested_by:str approved_by:str approved_on:date reference:str"
        ),
    ),
    "revenue_types": ("revenue", _columns("revenue_type:str revenue_category:str")),
    "fx_rates": ("revenue", _columns("currency_code:str month:date rate_to_reporting:dec8")),
    "variance_thresholds": ("operations", _columns("domain:str severity:str min_pct:dec6 min_amount:dec2")),
    "data_quality_weights": ("operations", _columns("dimension:str weight:dec4")),
    "sla_targets": (
        "support",
        _columns(
            "priority:str customer_tier:str metric:str target_minutes:int calendar_id:str valid_from:date valid_to:date"
        ),
    ),
    "business_calendars": (
        "support",
        _columns("calendar_id:str iana_timezone:str iso_weekday:int opens_at:str closes_at:str"),
    ),
    "calendar_holidays": ("support", _columns("calendar_id:str holiday_on:date name:str")),
}


@dataclass(frozen=True)
class Settings:
    """Section 3: what every figure obeys."""

    as_of: datetime
    reporting_currency: str = "USD"
    rolling_months: int = 12
    sla_risk_threshold: Decimal = Decimal("0.80")
    backlog_spike_threshold: Decimal = Decimal("0.20")
    backlog_baseline_days: int = 7
    kpi_window_days: int = 30
    variance_tolerance: Decimal = Decimal("0.01")
    breach_outlook_hours: int = 24
    backlog_history_days: int = 90
    anomaly_baseline_weeks: int = 12
    anomaly_score_threshold: Decimal = Decimal("3.5")

    @property
    def today(self) -> date:
        """The UTC day of as_of."""
        return self.as_of.date()

    @property
    def month(self) -> date:
        """The month of as_of, its first day."""
        return month_of(self.as_of)


@dataclass
class Inputs:
    """All that a run reads."""

    raw: dict[str, pd.DataFrame] = field(default_factory=dict)
    latest: dict[str, pd.DataFrame] = field(default_factory=dict)
    seeds: dict[str, pd.DataFrame] = field(default_factory=dict)

    def rows(self, table: str) -> list[Row]:
        """Rows of a raw table, one a key."""
        return records(self.latest[table])

    def seed(self, name: str) -> list[Row]:
        """Rows of a seed, copies that may be written to."""
        return records(self.seeds[name])

    def has(self, domain: str) -> bool:
        """Tell whether all raw tables of a domain are there."""
        return all(name in self.raw for name, table in RAW_TABLES.items() if table.domain == domain)


def load(raw_dir: Path, seeds_dir: Path) -> Inputs:
    """Reads `<raw_dir>/<schema>/<table>.parquet` or `.csv` and `<seeds_dir>/<area>/<seed>.csv`."""
    inputs = Inputs()
    for name, table in RAW_TABLES.items():
        stem = raw_dir / table.schema / name
        if stem.with_suffix(".parquet").exists():
            cells = pq.read_table(stem.with_suffix(".parquet")).to_pylist()
        elif stem.with_suffix(".csv").exists():
            cells = _read_csv(stem.with_suffix(".csv"))
        else:
            continue
        inputs.raw[name] = frame([typed(row, table.columns) for row in cells], list(table.columns))
        inputs.latest[name] = deduplicated(inputs.raw[name], table.key)
    for name, (area, columns) in SEEDS.items():
        rows = [typed(row, columns) for row in _read_csv(seeds_dir / area / f"{name}.csv")]
        inputs.seeds[name] = frame(rows, list(columns))
    return inputs


def deduplicated(raw: pd.DataFrame, id_column: str) -> pd.DataFrame:
    """One row a key, the newest; adds `key` (as ids are compared), `copies` and `is_missing_key`.

    Reading: events have no updated_at, so of several rows of one event the newest occurred_at wins.
    Reading: which of two rows of one key and one updated_at wins is left open; here the one further down the file.
    Reading: rows without a key are rows of their own, named (none)-1, (none)-2 from the newest to the oldest.
    """
    newest = "updated_at" if "updated_at" in raw.columns else "occurred_at"
    by_key: dict[str, list[Row]] = {}
    without_key: list[Row] = []
    for row in records(raw):
        identifier = row[id_column]
        (without_key if identifier is None else by_key.setdefault(identifier.upper(), [])).append(row)
    kept: list[Row] = []
    for key, rows in by_key.items():
        best = rows[0]
        for row in rows[1:]:
            if best[newest] is None or (row[newest] is not None and row[newest] >= best[newest]):
                best = row
        kept.append({**best, "key": key, "copies": len(rows), "is_missing_key": False})
    without_key.sort(key=lambda row: row[newest] or datetime.min, reverse=True)
    for number, row in enumerate(without_key, start=1):
        name = f"(none)-{number}"
        kept.append({**row, id_column: name, "key": name.upper(), "copies": 1, "is_missing_key": True})
    return frame(kept, [*raw.columns, "key", "copies", "is_missing_key"])


def frame(rows: Iterable[Row], columns: list[str]) -> pd.DataFrame:
    """A data frame of Python objects, nulls as None."""
    return pd.DataFrame(list(rows), columns=columns, dtype=object)


def records(table: pd.DataFrame) -> list[Row]:
    columns = [str(column) for column in table.columns]
    return [dict(zip(columns, cells, strict=True)) for cells in table.itertuples(index=False, name=None)]


def trimmed(text: Any) -> str | None:
    if text is None:
        return None
    return str(text).strip(BLANKS) or None


def code(text: str | None) -> str | None:
    """How codes are compared: trimmed and case-blind."""
    return None if text is None else text.strip(BLANKS).upper()


def month_of(moment: date) -> date:
    return date(moment.year, moment.month, 1)


def months_after(month: date, months: int) -> date:
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def typed(row: Row, columns: Mapping[str, str]) -> Row:
    """A cell that does not fit its type reads null."""
    return {name: _cell(row.get(name), kind) for name, kind in columns.items()}


def _cell(value: Any, kind: str) -> Any:
    if value is None or value != value:
        return None
    if kind == "str":
        return trimmed(value)
    if isinstance(value, str) and trimmed(value) is None:
        return None
    try:
        if kind == "int":
            return int(rounded(Decimal(str(value).strip(BLANKS)), 0))
        if kind.startswith("dec"):
            return rounded(Decimal(str(value).strip(BLANKS)), int(kind[3:]))
        moment = _moment(value)
    except (ValueError, InvalidOperation, ArithmeticError):
        return None
    return moment.date() if kind == "date" else moment


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip(BLANKS))
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return datetime(value.year, value.month, value.day)


def _read_csv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]
