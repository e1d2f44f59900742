"""The data quality marts of the sample beside a search for failing rows in Python."""

from __future__ import annotations

from decimal import Decimal

from oracle import compare
from oracle.sample import Built, recomputed


def test_failing_rows_of_the_sample_are_found_by_rule_and_record(built: Built) -> None:
    compare.assert_failing_rows(built.connection, recomputed(built, "quality")["dq_failing_rows"])


def test_scores_of_the_sample_equal_their_recomputation(built: Built) -> None:
    compare.assert_scores(built.connection, recomputed(built, "quality")["data_quality_score"])


def test_a_score_is_100_where_nothing_failed_and_less_where_something_did(built: Built) -> None:
    columns = ["table_name", "dimension", "failed_rows", "score"]
    for table_name, dimension, failed_rows, score in compare.read(
        built.connection, "data_quality_score", columns
    ).itertuples(index=False):
        assert (score == Decimal(100)) == (failed_rows == 0), (table_name, dimension, failed_rows, score)
