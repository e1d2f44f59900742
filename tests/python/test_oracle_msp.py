"""The cost and invoice marts of the sample, row by row beside their recomputation in Python."""

from __future__ import annotations

import pytest
from oracle import compare
from oracle.sample import Built, recomputed


@pytest.mark.parametrize("mart", compare.marts_of("msp"))
def test_msp_mart_of_the_sample_equals_its_recomputation(built: Built, mart: str) -> None:
    expected = recomputed(built, "msp")[mart]
    assert len(expected) > 0
    compare.assert_mart(built.connection, mart, expected)
