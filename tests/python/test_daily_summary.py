"""The daily summary: what stands beside a figure is what a report of that earlier moment would have shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from oracle import support
from oracle.exact import ratio, rounded
from oracle.inputs import code
from oracle.sample import Built, inputs_of, settings_of

from runner.exports import summary_text
from runner.figures import sections

Row = dict[str, Any]
WEEKDAYS = (7, 14, 21, 28)


@pytest.fixture(scope="module")
def summary(built: Built) -> Row:
    """The one row of daily_ops_summary."""
    found = built.connection.execute("select * from daily_ops_summary")
    (row,) = found.fetchall()
    return dict(zip([column[0] for column in found.description], row, strict=True))


@pytest.fixture(scope="module")
def support_figures(built: Built) -> dict[int, Row]:
    """The figures of support as of each moment that is compared, by the days it lies back."""
    inputs, settings = inputs_of(built.raw_dir), settings_of(built)
    figures = {}
    for back in (0, 1, *WEEKDAYS):
        then = replace(settings, as_of=settings.as_of - timedelta(days=back))
        cases = support.existing_cases(inputs, then)
        sla = support.sla_rows(inputs, then, cases)
        since = then.as_of - timedelta(days=then.kpi_window_days)
        days = [then.today - timedelta(days=number) for number in range(1, then.backlog_baseline_days + 1)]
        before = sum(support.backlog_on(day, cases) for day in days)
        open_backlog = sum(case["resolution"] is None for case in cases)
        figure: Row = {
            "support_cases_created": sum(case["created_at"].date() == then.today for case in cases),
            "support_cases_resolved": sum(
                case["resolution"] is not None and case["resolution"].date() == then.today for case in cases
            ),
            "support_open_backlog": open_backlog,
            "support_backlog_growth_pct": ratio(open_backlog * len(days) - before, before),
            "support_cases_at_risk": sum(row["sla_status"] == "open_at_risk" for row in sla),
            "support_open_breaches": sum(row["sla_status"] == "open_breached" for row in sla),
        }
        figure["support_backlog_net_change"] = figure["support_cases_created"] - figure["support_cases_resolved"]
        for metric in ("first_response", "resolution"):
            judged = [row for row in sla if row["metric"] == metric and row["done_at"] and row["done_at"] > since]
            met = sum(row["sla_status"] == "met" for row in judged)
            figure[f"support_{metric}_compliance_pct"] = ratio(met, len(judged))
        figures[back] = figure
    return figures


def test_support_stands_beside_the_reports_of_yesterday_and_of_the_weekday(
    summary: Row, support_figures: dict[int, Row]
) -> None:
    _assert_beside(summary, support_figures)
    assert summary["support_open_breaches"] != summary["support_open_breaches_yesterday"]


def test_msp_and_revenue_stand_beside_what_happened_on_those_days(built: Built, summary: Row) -> None:
    as_of = settings_of(built).as_of
    tasks = built.connection.execute(
        "select completed_at, activity_points, amount_gbp from fct_service_tasks"
    ).fetchall()
    inputs = inputs_of(built.raw_dir)
    deals = [row["booked_on"] for row in inputs.rows("deals") if code(row["deal_status"]) in {"WON", "CLOSED WON"}]
    figures = {}
    for back in (0, 1, *WEEKDAYS):
        until = as_of - timedelta(days=back)
        done = [task for task in tasks if _is_of(task[0], until)]
        figures[back] = {
            "msp_tasks_completed": len(done),
            "msp_activity_points": sum((task[1] for task in done), Decimal(0)),
            "msp_amount_gbp": sum((task[2] for task in done), Decimal(0)),
            "revenue_deals_won": deals.count(until.date()),
        }
    _assert_beside(summary, figures)
    assert summary["revenue_entries_posted"] > 0


def test_every_figure_has_a_name_for_people(summary: Row) -> None:
    laid_out = sections(summary)
    assert [section.title for section in laid_out] == ["MSP", "Revenue", "Support", "Data quality, 0 to 100", "Alerts"]
    assert all("_" not in figure.label for section in laid_out for figure in section.figures)
    written = summary_text(summary, summary["as_of"])
    (line,) = [line for line in written.splitlines() if line.strip().startswith("Cases open")]
    beside = (f"{summary['support_open_backlog']:,}", f"{summary['support_open_backlog_yesterday']:,}")
    assert line.split()[2:4] == list(beside)
    assert f"{summary['as_of']:%A}s" in written


def _is_of(moment: datetime, until: datetime) -> bool:
    """Whether it happened on that day, up to that moment."""
    return moment.date() == until.date() and moment <= until


def _assert_beside(summary: Row, figures: dict[int, Row]) -> None:
    wrong = {}
    for name in figures[0]:
        of_weekday = [Fraction(figures[back][name]) for back in WEEKDAYS]
        expected = (figures[0][name], figures[1][name], sum(of_weekday, Fraction(0)) / len(of_weekday))
        found = (summary[name], summary[f"{name}_yesterday"], summary[f"{name}_weekday_mean"])
        places = 0 if isinstance(found[2], int) else -int(found[2].as_tuple().exponent)
        if (found[0], found[1]) != expected[:2] or found[2] != rounded(expected[2], places):
            wrong[name] = (expected, found)
    assert not wrong
    assert isinstance(summary["day"], date)
