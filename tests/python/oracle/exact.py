"""Exact arithmetic: money is never a float and a half is rounded away from zero."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

Number = Decimal | Fraction | int


def rounded(value: Number, places: int = 2) -> Decimal:
    """The value with so many decimals, half away from zero."""
    exact = Fraction(value)
    units = floor(abs(exact) * 10**places + Fraction(1, 2))
    return Decimal(-units if exact < 0 else units).scaleb(-places)


def ratio(numerator: Number, denominator: Number, places: int = 6) -> Decimal | None:
    """A quotient, or None where there is nothing to divide by."""
    if denominator == 0:
        return None
    return rounded(Fraction(numerator) / Fraction(denominator), places)
