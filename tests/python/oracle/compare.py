"""A mart beside its recomputation, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from . import msp, quality, revenue, support
from .exact import rounded
from .inputs import Inputs, Row, Settings, frame, records

SHOWN = 12

KEYS: dict[str, tuple[str, list[str]]] = {
    "fct_service_tasks": ("msp", ["task_id"]),
    "rpt_msp_cost_monthly": ("msp", ["billing_month", "environment", "category", "tier"]),
    "rpt_msp_cost_rolling_12m": ("msp", ["billing_month", "environment", "tier"]),
    "rpt_msp_invoice_variance": ("msp", ["billing_month", "environment", "tier"]),
    "rpt_msp_invoice_variance_details": ("msp", ["item_type", "item_id"]),
    "rpt_msp_override_audit": ("msp", ["override_id"]),
    "rpt_msp_resource_utilization": ("msp", ["billing_month", "environment"]),
    "rpt_msp_technician_load": ("msp", ["billing_month", "environment", "technician_id"]),
    "rpt_msp_volume_distribution": ("msp", ["billing_month", "dimension", "member"]),
    "fct_revenue_schedule": ("revenue", ["deal_id", "revenue_month", "revenue_category"]),
    "fct_revenue_variance": ("revenue", ["deal_id", "revenue_month", "revenue_category"]),
    "rpt_revenue_reconciliation_monthly": ("revenue", ["revenue_month", "revenue_category", "customer_segment"]),
    "rpt_revenue_variance_summary": ("revenue", ["revenue_month", "dimension", "member"]),
    "fct_revenue_remaining_obligation": ("revenue", ["deal_id"]),
    "rpt_revenue_deferred_waterfall": ("revenue", ["revenue_month", "revenue_category", "customer_segment"]),
    "fct_support_case_sla": ("support", ["case_id", "metric"]),
    "sla_summary": ("support", ["priority", "region", "metric"]),
    "backlog_summary": ("support", ["region", "priority", "aging_bucket"]),
    "volume_trend": ("support", ["day"]),
    "sla_at_risk_cases": ("support", ["case_id", "metric"]),
    "backlog_spike_summary": ("support", ["day"]),
    "backlog_spike_by_dimension": ("support", ["dimension", "dimension_value"]),
    "backlog_history": ("support", ["dimension", "dimension_value", "day"]),
    "response_time_summary": ("support", ["dimension", "dimension_value", "metric"]),
    "reopen_summary": ("support", ["dimension", "dimension_value"]),
    "sla_predicted_breaches": ("support", ["case_id", "metric"]),
    "sla_risk_summary": ("support", ["region", "queue", "metric"]),
}


def marts_of(domain: str) -> list[str]:
    return [mart for mart, (owner, _) in KEYS.items() if owner == domain]


def recomputed(domain: str, inputs: Inputs, settings: Settings) -> dict[str, pd.DataFrame]:
    """The marts of a domain, or of `quality`."""
    compute = {"msp": msp.compute, "revenue": revenue.compute, "support": support.compute, "quality": quality.compute}
    return compute[domain](inputs, settings)


def read(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> pd.DataFrame:
    """A table of the warehouse as Python objects; a data frame of DuckDB's own would turn decimals into floats."""
    names = ", ".join(f'"{column}"' for column in columns)
    rows = connection.execute(f"select {names} from {table}").fetchall()
    return frame([dict(zip(columns, row, strict=True)) for row in rows], list(columns))


def differences(expected: pd.DataFrame, actual: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    """What differs, one line a row; empty when the two are the same."""
    wanted, found = records(expected), records(actual)
    lines = [*_repeated("expected", wanted, keys), *_repeated("found", found, keys)]
    there = {_key(row, keys): row for row in found}
    for row in wanted:
        other = there.pop(_key(row, keys), None)
        if other is None:
            lines.append(f"missing {_shown(row)}")
            continue
        wrong = [column for column in row if not same(row[column], other[column])]
        if wrong:
            cells = [f"{column}: expected {_text(row[column])}, found {_text(other[column])}" for column in wrong]
            lines.append(f"{_label(row, keys)}: {', '.join(cells)}")
    lines += [f"unexpected {_shown(row)}" for row in there.values()]
    return lines


def same(expected: Any, actual: Any) -> bool:
    """Equal; a quotient is equal when it rounds to the decimals that are shown, of which there are at least two."""
    if expected is None or actual is None:
        return expected is None and actual is None
    if isinstance(actual, float):
        return False
    if isinstance(expected, Fraction):
        if isinstance(actual, int):
            return expected == actual
        places = -int(actual.as_tuple().exponent)
        return places >= 2 and rounded(expected, places) == actual
    if isinstance(expected, datetime):
        return bool(expected.replace(microsecond=0) == actual.replace(microsecond=0))
    return bool(expected == actual)


def assert_same(
    name: str,
    expected: pd.DataFrame,
    actual: pd.DataFrame,
    keys: Sequence[str],
) -> None:
    """Fail with the first differing rows where there are any."""
    lines = differences(expected, actual, keys)
    more = f"\n  ... and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    head = f"{name}: {len(lines)} of {len(expected)} rows differ from the recomputation"
    assert not lines, "\n  ".join([head, *lines[:SHOWN]]) + more


def assert_mart(
    connection: duckdb.DuckDBPyConnection,
    mart: str,
    expected: pd.DataFrame,
    *,
    schema: str = "main",
) -> None:
    """A mart of the warehouse equals its recomputation."""
    actual = read(connection, f"{schema}.{mart}", [str(column) for column in expected.columns])
    assert_same(mart, expected, actual, KEYS[mart][1])


def assert_scores(connection: duckdb.DuckDBPyConnection, expected: pd.DataFrame) -> None:
    """The data quality score equals its recomputation."""
    actual = read(connection, "data_quality_score", [str(column) for column in expected.columns])
    assert_same("data_quality_score", expected, actual, ["domain", "table_name", "dimension"])


def assert_failing_rows(connection: duckdb.DuckDBPyConnection, expected: pd.DataFrame) -> None:
    """Every row that fails a data quality rule is found, by rule and record."""
    actual = read(connection, "dq_failing_rows", [str(column) for column in expected.columns])
    assert_same("dq_failing_rows", expected, actual, ["table_name", "rule_name", "record_id"])


def _key(row: Row, keys: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[key] for key in keys)


def _repeated(side: str, rows: list[Row], keys: Sequence[str]) -> list[str]:
    counts = Counter(_key(row, keys) for row in rows)
    return [f"{side} {count} times: {key}" for key, count in counts.items() if count > 1]


def _label(row: Row, keys: Sequence[str]) -> str:
    return " | ".join(_text(row[key]) for key in keys)


def _shown(row: Row) -> str:
    return ", ".join(f"{column}={_text(value)}" for column, value in row.items())


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Fraction):
        return str(rounded(value, 6))
    if isinstance(value, float):
        return f"{value!r} (a float)"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


@contextmanager
def opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse, to be read only."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        yield connection


@contextmanager
def opened_exports(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The Parquet exports of a run as the views of a schema `exports`."""
    with duckdb.connect() as connection:
        connection.execute("create schema exports")
        for file in folder.glob("*.parquet"):
            connection.execute(f"create view exports.{file.stem} as select * from read_parquet('{file.as_posix()}')")
        yield connection
