"""The data quality marts of the sample beside a search for failing rows in Python."""

from __future__ import annotations

from decimal import Decimal

import pytest
from oracle import compare
from oracle.quality import DIMENSIONS
from oracle.sample import Built, inputs_of, recomputed


@pytest.mark.parametrize("domain", ["msp", "revenue", "support"])
def test_failing_rows_of_the_sample_are_found_by_rule_and_record(built: Built, domain: str) -> None:
    expected = compare.failing_rows_of(domain, recomputed(built, "quality")["failing_rows"])
    assert len(expected) > 0
    compare.assert_failing_rows(built.connection, domain, expected)


def test_rows_checked_and_failed_of_the_sample_are_counted_per_dimension(built: Built) -> None:
    expected = recomputed(built, "quality")["data_quality_score"]
    compare.assert_scores(built.connection, expected)


def test_a_score_is_100_where_nothing_failed_and_less_where_something_did(built: Built) -> None:
    columns = ["table_name", "dimension", "failed_rows", "score"]
    scores = compare.read(built.connection, "data_quality_score", columns)
    scores = scores[scores["dimension"].isin(DIMENSIONS) & scores["table_name"].isin(inputs_of(built.raw_dir).raw)]
    for table_name, dimension, failed_rows, score in scores.itertuples(index=False):
        assert (score == Decimal(100)) == (failed_rows == 0), (table_name, dimension, failed_rows, score)
        assert 0 <= score <= 100
