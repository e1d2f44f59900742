"""The revenue marts of the sample, row by row beside their recomputation in Python."""

from __future__ import annotations

import pytest
from oracle import compare
from oracle.sample import Built, recomputed


@pytest.mark.parametrize("mart", compare.marts_of("revenue"))
def test_revenue_mart_of_the_sample_equals_its_recomputation(built: Built, mart: str) -> None:
    expected = recomputed(built, "revenue")[mart]
    assert len(expected) > 0
    compare.assert_mart(built.connection, mart, expected)


def test_no_difference_of_the_sample_is_left_unexplained(built: Built) -> None:
    (remainder, months) = built.connection.execute("""
        select sum(abs(unexplained_amount)), count(*) from rpt_revenue_variance_summary where dimension = 'cause'
    """).fetchone() or (None, 0)
    assert months > 0
    assert remainder == 0


def test_every_difference_of_the_sample_is_an_open_discrepancy_seen_by_the_run(built: Built) -> None:
    differing = recomputed(built, "revenue")["fct_revenue_variance"].query("cause != 'matched'")
    expected = {
        (row.deal_id, row.revenue_month, row.revenue_category, row.cause, "open", 0, "0-30 days")
        for row in differing.itertuples()
    }
    found = built.connection.execute("""
        select deal_id, revenue_month, revenue_category, cause, discrepancy_status, age_days, age_bucket
        from rpt_revenue_discrepancies
    """).fetchall()
    assert len(found) == len(expected)
    assert set(found) == expected
