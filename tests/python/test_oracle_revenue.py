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
