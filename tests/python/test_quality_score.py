"""The data quality score: 100 for clean input, and never higher for worse input, whatever the weights."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from project_copy import shared_copy

RULES = {
    "completeness": ["missing_key", "missing_priority"],
    "uniqueness": ["duplicate_key"],
    "validity": ["unknown_case_status"],
    "consistency": ["resolved_while_open", "closed_before_resolved"],
    "timeliness": ["updated_before_created"],
}
TABLES = ("support_cases", "support_case_events")

Failure = tuple[str, str, int]
"""Table, rule and number of the record."""
Scores = dict[tuple[str, str], Decimal]
"""Of each table and dimension."""

ROWS = 8
RULE_NAMES = [rule for rules in RULES.values() for rule in rules]
FAILURES = st.sets(st.tuples(st.sampled_from(TABLES), st.sampled_from(RULE_NAMES), st.integers(1, ROWS)), max_size=25)
WEIGHTS = st.lists(st.integers(0, 100), min_size=5, max_size=5).filter(any)


@pytest.fixture(scope="module")
def score_sql() -> str:
    """The query that makes the score, compiled."""
    project = shared_copy()
    project.dbt("compile", "--select", "data_quality_score")
    operations = project.target / "compiled" / "tieout" / "models" / "marts" / "operations"
    return (operations / "data_quality_score.sql").read_text(encoding="utf-8")


@given(before=FAILURES, more=FAILURES, weights=WEIGHTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_score_never_rises_when_rows_break_more_rules_or_come_more_often(
    score_sql: str, before: set[Failure], more: set[Failure], weights: list[int]
) -> None:
    better, worse = _scores(score_sql, before, weights), _scores(score_sql, before | more, weights)
    assert better.keys() == worse.keys()
    assert all(worse[cell] <= better[cell] for cell in better)


@given(failures=FAILURES, weights=WEIGHTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_score_is_100_exactly_where_nothing_fails(score_sql: str, failures: set[Failure], weights: list[int]) -> None:
    scores = _scores(score_sql, failures, weights)
    for (table_name, dimension), score in scores.items():
        assert 0 <= score <= 100
        if dimension == "overall":
            continue
        is_clean = not any(rule in RULES[dimension] and table_name in (table, "all") for table, rule, _ in failures)
        assert (score == 100) == is_clean, (table_name, dimension)
    if not failures:
        assert set(scores.values()) == {100}


def _scores(score_sql: str, failures: set[Failure], weights: list[int]) -> Scores:
    """The score of two tables of so many records; a record with a duplicate key came twice."""
    dimension_of = {rule: dimension for dimension, rules in RULES.items() for rule in rules}
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("use warehouse")
        for schema in ("main_intermediate", "main_staging"):
            connection.execute(f"create schema {schema}")
        types = "domain text, table_name text, dimension text, rule_name text, record_id text, failed_rows integer"
        connection.execute(f"create table dq_failing_rows ({types})")
        for table, rule, number in sorted(failures):
            row = ["support", table, dimension_of[rule], rule, str(number), 1]
            connection.execute("insert into dq_failing_rows values (?, ?, ?, ?, ?, ?)", row)
        for domain in ("msp", "revenue", "support"):
            types = "table_name text, checked_rows bigint, source_rows bigint"
            connection.execute(f"create table main_intermediate.int_{domain}_data_quality_checks ({types})")
        for table in TABLES:
            copies = sum(failure[:2] == (table, "duplicate_key") for failure in failures)
            connection.execute(
                "insert into main_intermediate.int_support_data_quality_checks values (?, ?, ?)",
                [table, ROWS, ROWS + copies],
            )
        connection.execute(
            "create table main_staging.stg_reference__data_quality_weights (dimension text, weight decimal(9, 4))"
        )
        for dimension, weight in zip(RULES, weights, strict=True):
            connection.execute(
                "insert into main_staging.stg_reference__data_quality_weights values (?, ?)",
                [dimension, Decimal(weight) / 100],
            )
        rows = connection.execute(f"select table_name, dimension, score from ({score_sql})").fetchall()
    return {(table_name, dimension): score for table_name, dimension, score in rows}
