"""The hand-made company of scenario.py: built, looked at earlier and later, its rows and rules changed underneath."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import scenario
from oracle import compare
from oracle.inputs import Settings, load
from project_copy import ProjectCopy, shared_copy

DOMAINS = ("msp", "revenue", "support")
STEPS = ("first", "earlier, other rows", "later, other rules")


@dataclass
class Step:
    """The warehouse after one of the builds, and what it should hold."""

    warehouse: Path
    recomputed: dict[str, dict[str, pd.DataFrame]]
    analyses: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What each query of analyses/ found then, where they were run."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with self.connect() as connection:
            return connection.execute(query).fetchall()

    def connect(self) -> duckdb.DuckDBPyConnection:
        """The warehouse as it stood then, to be read only."""
        return duckdb.connect(str(self.warehouse), read_only=True)


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Step]:
    """Three builds one after the other on one warehouse; only the first of them starts from nothing."""
    folder = tmp_path_factory.mktemp("scenario")
    project = shared_copy()
    project.start_over(scenario.SEEDS)
    raw = scenario.write(scenario.RAW, folder / "raw")
    changed = scenario.write(scenario.changed_raw(), folder / "changed")
    taken: dict[str, Step] = {}

    def build(name: str, raw_dir: Path, as_of: datetime, without: Sequence[str] = ("test", "unit_test")) -> None:
        project.build(raw_dir, as_of, without=without)
        copy = folder / f"{name}.duckdb"
        shutil.copy(project.warehouse, copy)
        inputs, settings = load(raw_dir, project.seeds_dir), Settings(as_of)
        recomputed = {domain: compare.recomputed(domain, inputs, settings) for domain in (*DOMAINS, "quality")}
        taken[name] = Step(copy, recomputed)

    # All that `dbt build` does, as a scheduler calls it, where nothing is there yet.
    build("first", raw, scenario.AS_OF, without=())
    build("earlier, other rows", changed, scenario.EARLIER)
    taken["earlier, other rows"].analyses = _analysed(project)
    for name, text in scenario.changed_seeds().items():
        project.write_seed(name, text)
    build("later, other rules", changed, scenario.LATER)
    return taken


def _analysed(project: ProjectCopy) -> dict[str, list[dict[str, Any]]]:
    project.dbt("compile", "--select", "path:analyses", as_of=scenario.EARLIER)
    found = {}
    with project.connect() as connection:
        for path in (project.target / "compiled" / "tieout" / "analyses").glob("*.sql"):
            result = connection.execute(path.read_text(encoding="utf-8"))
            names = [column[0] for column in result.description or ()]
            found[path.stem] = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return found


@pytest.fixture
def analyses(steps: dict[str, Step]) -> dict[str, list[dict[str, Any]]]:
    return steps["earlier, other rows"].analyses


@pytest.mark.parametrize("mart", list(compare.KEYS))
@pytest.mark.parametrize("step", STEPS)
def test_every_mart_equals_its_recomputation(steps: dict[str, Step], step: str, mart: str) -> None:
    domain = compare.KEYS[mart][0]
    with steps[step].connect() as connection:
        compare.assert_mart(connection, mart, steps[step].recomputed[domain][mart])


@pytest.mark.parametrize("step", STEPS)
def test_every_failing_row_is_named_and_counted(steps: dict[str, Step], step: str) -> None:
    expected = steps[step].recomputed["quality"]
    with steps[step].connect() as connection:
        compare.assert_failing_rows(connection, expected["dq_failing_rows"])
        compare.assert_scores(connection, expected["data_quality_score"])


Example = tuple[str, list[tuple[Any, ...]]]


def _examples() -> dict[str, Example]:
    """Section 6 of the contract and a few figures worked out by hand, each with the query that shows it."""
    money = Decimal
    schedule = "select revenue_month, booked_amount from fct_revenue_schedule where deal_id = '{}' order by 1"
    elapsed = "select elapsed_minutes from fct_support_case_sla where case_id = '{}' and metric = 'resolution'"
    variance = (
        "select variance_gbp, variance_pct, cause, severity from rpt_msp_invoice_variance "
        "where billing_month = '{}' and environment = 'Contact Center' and tier = 'Simple'"
    )
    status = "select sla_status, used_pct from fct_support_case_sla where case_id = '{}' and metric = '{}'"
    return {
        "1,000.00 over 3 months": (
            schedule.format("D-01"),
            [
                (date(2026, 1, 1), money("333.33")),
                (date(2026, 2, 1), money("333.33")),
                (date(2026, 3, 1), money("333.34")),
            ],
        ),
        "cancelled in the fifth of twelve months": (
            schedule.format("D-02"),
            [(date(2026, month, 1), money("100.00")) for month in range(1, 6)],
        ),
        "cancelled tomorrow": (
            "select count(*), sum(booked_amount) from fct_revenue_schedule where deal_id = 'D-03'",
            [(12, money("1200.00"))],
        ),
        "cancelled today": (
            "select count(*), max(revenue_month) from fct_revenue_schedule where deal_id = 'D-04'",
            [(6, date(2026, 6, 1))],
        ),
        "a credit of 1,000.00 over 3 months": (
            schedule.format("D-16"),
            [
                (date(2026, 2, 1), money("-333.33")),
                (date(2026, 3, 1), money("-333.33")),
                (date(2026, 4, 1), money("-333.34")),
            ],
        ),
        "a moderate task of quantity 3": (
            "select tier, activity_points, amount_gbp from fct_service_tasks where task_id = 'K-03'",
            [("Moderate", money("4.5000"), money("19.58"))],
        ),
        "a weekend with the clocks going forward": (elapsed.format("C-01"), [(money(60),)]),
        "the same with a pause of ten minutes": (elapsed.format("C-02"), [(money(50),)]),
        "exactly 100% of the target is met": (status.format("C-03", "resolution"), [("met", money(1))]),
        "exactly 80% of the target is at risk": (status.format("C-06", "resolution"), [("open_at_risk", money("0.8"))]),
        "exactly 100% and open is at risk": (status.format("C-05", "resolution"), [("open_at_risk", money(1))]),
        "a difference of exactly 1% is matched": (
            variance.format("2025-07-01"),
            [(money("1.00"), money("0.01"), "matched", None)],
        ),
        "a penny more is not": (
            variance.format("2025-08-01"),
            [(money("1.01"), money("0.0101"), "rate_difference", None)],
        ),
        "both limits of a severity reached exactly": (
            variance.format("2025-09-01"),
            [(money("50.00"), money("0.05"), "rate_difference", "info")],
        ),
        "an adjustment of half a penny": (
            """select task_count, amount_gbp from rpt_msp_cost_monthly
            where category = 'Adjustment' and billing_month = '2026-04-01'""",
            [(0, money("0.01"))],
        ),
    }


@pytest.mark.parametrize("example", list(_examples()))
def test_worked_examples_give_the_figures_written_down(steps: dict[str, Step], example: str) -> None:
    query, expected = _examples()[example]
    assert steps["first"].rows(query) == expected


@pytest.mark.parametrize(
    ("backlog_today", "is_spike"),
    [(12, False), (13, True)],
)
def test_a_backlog_one_fifth_above_its_baseline_is_no_spike_yet(
    backlog: Callable[[int], tuple[Any, ...]], backlog_today: int, is_spike: bool
) -> None:
    found = backlog(backlog_today)
    assert found == (backlog_today, Decimal(10), Decimal(backlog_today - 10) / 10, is_spike)


@pytest.fixture(scope="module")
def backlog(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], tuple[Any, ...]]:
    """Builds ten cases open since long ago and some more of today; what the spike mart says of them."""
    folder = tmp_path_factory.mktemp("backlog")
    project = shared_copy()

    def spike(cases_today: int) -> tuple[Any, ...]:
        (model, *_) = scenario.RAW["support_cases"]
        blank = {**model, "case_status": "open", "resolved_at": "", "closed_at": "", "first_responded_at": ""}
        created = ["2026-06-01 00:00:00"] * 10 + ["2026-06-15 10:00:00"] * (cases_today - 10)
        cases = [{**blank, "case_id": f"B-{number}", "created_at": at} for number, at in enumerate(created)]
        (event, *_) = scenario.RAW["support_case_events"]
        project.start_over()
        raw_dir = scenario.write({"support_cases": cases, "support_case_events": [event]}, folder / str(cases_today))
        project.build(raw_dir, scenario.AS_OF, "--select", "+backlog_spike_summary")
        with project.connect() as connection:
            row = connection.execute(
                "select open_backlog, baseline_backlog, growth_pct, is_spike from backlog_spike_summary"
            ).fetchone()
        assert row is not None
        return row

    return spike


def test_every_version_of_the_seeds_that_decide_the_bill_is_in_the_history(steps: dict[str, Step]) -> None:
    history = steps["later, other rules"].rows(
        """
        select seed_name, record_id, version_number, change, is_current
        from rpt_msp_override_history
        where seed_name in ('completion_method_tiers', 'task_category_rules')
        """
    )
    versions = {(seed, record, number): (change, is_current) for seed, record, number, change, is_current in history}
    assert versions["completion_method_tiers", "magic", 1] == ("first seen", True)
    assert versions["completion_method_tiers", "Phone", 1] == ("first seen", True)
    assert versions["task_category_rules", "CAT-1", 1] == ("first seen", True)
    assert versions["task_category_rules", "CAT-010", 1] == ("first seen", False)
    assert versions["task_category_rules", "CAT-010", 2] == ("deleted", False)


def test_a_charge_is_counted_again_where_it_is_billed_again_and_said_to_be(steps: dict[str, Step]) -> None:
    billed = steps["first"].rows(
        """
        select billing_month, invoiced_gbp, invoice_line_count, credit_gbp, reissued_line_count, reissued_gbp
        from rpt_msp_invoice_variance
        where environment = 'Corporate' and tier = 'Complex' and billing_month between '2024-10-01' and '2024-12-01'
        order by billing_month
        """
    )
    once, twice = Decimal("16.40"), Decimal("32.80")
    nothing = Decimal("0.00")
    assert billed == [
        (date(2024, 10, 1), once, 1, nothing, 0, nothing),
        (date(2024, 11, 1), twice, 2, nothing, 1, once),
        (date(2024, 12, 1), once, 3, -once, 0, nothing),
    ]


def test_every_analysis_runs(analyses: dict[str, list[dict[str, Any]]]) -> None:
    assert set(analyses) == {path.stem for path in (shared_copy().root / "analyses").glob("*.sql")}


def test_the_rules_that_decide_nothing_are_named(analyses: dict[str, list[dict[str, Any]]]) -> None:
    unused = {row["rule_id"] for row in analyses["rules_that_never_match"]}
    assert {"CAT-020", "CAT-200"} < unused
    assert not unused & {"CAT-010", "CAT-080", "ENV-1", "ENV-6"}


def test_a_rule_shadowed_by_an_earlier_one_is_named_with_the_rule_it_loses_to(
    analyses: dict[str, list[dict[str, Any]]],
) -> None:
    (shadowed,) = analyses["rules_shadowed_by_an_earlier_one"]
    assert (shadowed["rule_id"], shadowed["lost_most_to"]) == ("CAT-020", "CAT-010")
    assert (shadowed["texts_found_in"], shadowed["texts_lost"], shadowed["is_fully_shadowed"]) == (1, 1, 1)


def test_descriptions_without_a_category_are_named_by_what_they_cost(
    analyses: dict[str, list[dict[str, Any]]],
) -> None:
    rows = sorted(analyses["largest_unclassified_descriptions"], key=lambda row: row["amount_rank"])
    assert {"SOMETHING ELSE", "THE NEWEST VERSION"} <= {row["task_description"] for row in rows}
    assert not {"MOUSE", "VPN BROKEN"} & {row["task_description"] for row in rows}
    assert [row["amount_gbp"] for row in rows] == sorted((row["amount_gbp"] for row in rows), reverse=True)


def test_methods_without_a_tier_are_named(analyses: dict[str, list[dict[str, Any]]]) -> None:
    assert [row["completion_method"] for row in analyses["completion_methods_without_a_tier"]] == ["MAGIC"]
