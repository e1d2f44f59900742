"""The arithmetic of the SQL on thousands of random cases beside Python's own."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.exact import ratio, rounded
from oracle.inputs import trimmed
from project_copy import shared_copy

PROBES = {
    "rounded": "{{ round_money('x') }}",
    "quotient": "{{ divide_rounded('x', 'y') }}",
    "quotient_4": "{{ divide_rounded('x', 'y', 4, 'decimal(18, 4)') }}",
    "share": "{{ ratio('x', 'y') }}",
    "told": "{{ amount_text('x') }}",
    "month": "{{ month_start('a') }}",
    "weekday": "{{ iso_weekday('cast(a as date)') }}",
    "days": "{{ days_between('a', 'b') }}",
    "months": "{{ months_between('a', 'b') }}",
    "seconds": "{{ seconds_between('a', 'b') }}",
    "next_month": "{{ add_months('cast(a as date)', 'n') }}",
    "next_day": "{{ add_days('cast(a as date)', 'n') }}",
    "next_second": "{{ add_seconds('a', 'n') }}",
    "local": "{{ utc_to_local('a', 'zone') }}",
    "trimmed": "{{ trimmed('text') }}",
    "compared": "{{ match_key('text') }}",
}

MONEY = st.decimals(min_value=-(10**12), max_value=10**12, places=2)
PRECISE = st.decimals(min_value=-(10**8), max_value=10**8, places=6)
NEAR_A_HALF = st.builds(
    lambda whole, thousandths: Decimal(whole) + Decimal(thousandths) / 1000,
    st.integers(-1000, 1000),
    st.sampled_from([-5, 5, 15, 25, 125, 995, 4, 6]),
)
EITHER = st.one_of(MONEY, NEAR_A_HALF)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0))
ZONES = st.sampled_from(
    ["UTC", "Europe/London", "America/New_York", "America/St_Johns", "Asia/Kolkata", "Australia/Adelaide"]
)
TEXTS = st.text(st.sampled_from(" \t\n\r\u00a0aBé-'9"), max_size=8)

Compiled = Callable[[str], str]


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    """The SQL that each probe becomes, compiled by dbt once."""
    project = shared_copy()
    folder = project.root / "analyses"
    folder.mkdir(exist_ok=True)
    marker = "-- probe"
    text = "".join(f"{marker} {name}\n{sql}\n" for name, sql in PROBES.items())
    (folder / "probes.sql").write_text(text, encoding="utf-8")
    try:
        project.dbt("compile", "--select", "probes")
    finally:
        (folder / "probes.sql").unlink()
    (file,) = (project.target / "compiled").rglob("probes.sql")
    parts = file.read_text(encoding="utf-8").split(marker)[1:]
    found = {part.split("\n", 1)[0].strip(): part.split("\n", 1)[1] for part in parts}
    return lambda name: found[name]


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    return connection


def _asked(expression: str, types: dict[str, str], rows: list[tuple[Any, ...]]) -> list[Any]:
    """What an expression is for each row, in their order."""
    columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
    connection = _connection()
    connection.execute(f"create or replace temp table given (row_number integer, {columns})")
    marks = ", ".join("?" for _ in range(len(types) + 1))
    connection.executemany(f"insert into given values ({marks})", [(number, *row) for number, row in enumerate(rows)])
    return [value for (value,) in connection.execute(f"select {expression} from given order by row_number").fetchall()]


@given(amounts=st.lists(st.one_of(PRECISE, NEAR_A_HALF), min_size=1, max_size=200))
@settings(max_examples=30, deadline=None)
def test_money_is_rounded_half_away_from_zero(compiled: Compiled, amounts: list[Decimal]) -> None:
    found = _asked(compiled("rounded"), {"x": "decimal(28, 8)"}, [(amount,) for amount in amounts])
    assert found == [rounded(amount) for amount in amounts]


@given(
    pairs=st.lists(st.tuples(st.one_of(MONEY, NEAR_A_HALF), st.one_of(MONEY, NEAR_A_HALF)), min_size=1, max_size=200)
)
@settings(max_examples=30, deadline=None)
def test_a_quotient_is_exact_before_it_is_rounded(compiled: Compiled, pairs: list[tuple[Decimal, Decimal]]) -> None:
    fitting = [(x, y) for x, y in pairs if y == 0 or abs(Fraction(x) / Fraction(y)) < 10**12]
    types = {"x": "decimal(28, 3)", "y": "decimal(28, 3)"}
    for probe, places in (("quotient", 2), ("quotient_4", 4), ("share", 6)):
        found = _asked(compiled(probe), types, fitting)
        assert found == [ratio(x, y, places) for x, y in fitting]


@given(amounts=st.lists(st.decimals(-(10**15), 10**15, places=2), min_size=1, max_size=200))
@settings(max_examples=30, deadline=None)
def test_an_amount_is_told_with_its_pennies_and_thousands_apart(compiled: Compiled, amounts: list[Decimal]) -> None:
    found = _asked(compiled("told"), {"x": "decimal(18, 2)"}, [(amount,) for amount in amounts])
    assert found == [f"{amount:,.2f}" if amount else "0.00" for amount in amounts]


@given(value=st.integers(-(10**11), 10**11), parts=st.integers(1, 600))
@settings(max_examples=200, deadline=None)
def test_equal_parts_and_the_rest_add_up_to_the_whole(compiled: Compiled, value: int, parts: int) -> None:
    whole = Decimal(value).scaleb(-2)
    (each,) = _asked(compiled("quotient"), {"x": "decimal(18, 2)", "y": "integer"}, [(whole, parts)])
    assert each == ratio(whole, parts, 2)
    assert abs(whole - each * parts) <= Decimal("0.005") * parts


@given(pairs=st.lists(st.tuples(MOMENTS, MOMENTS, st.integers(-300, 300), ZONES), min_size=1, max_size=100))
@settings(max_examples=30, deadline=None)
def test_dates_and_clocks_agree(compiled: Compiled, pairs: list[tuple[datetime, datetime, int, str]]) -> None:
    types = {"a": "timestamp", "b": "timestamp", "n": "integer", "zone": "varchar"}

    def same(probe: str, expected: Callable[[datetime, datetime, int, str], Any]) -> None:
        assert _asked(compiled(probe), types, pairs) == [expected(*pair) for pair in pairs], probe

    same("month", lambda a, _b, _n, _zone: a.date().replace(day=1))
    same("weekday", lambda a, _b, _n, _zone: a.isoweekday())
    same("days", lambda a, b, _n, _zone: (b.date() - a.date()).days)
    same("months", lambda a, b, _n, _zone: _month_number(b) - _month_number(a))
    same("seconds", lambda a, b, _n, _zone: (b - a) // timedelta(seconds=1))
    same("next_month", lambda a, _b, n, _zone: _months_later(a.date(), n))
    same("next_day", lambda a, _b, n, _zone: a.date() + timedelta(days=n))
    same("next_second", lambda a, _b, n, _zone: a + timedelta(seconds=n))
    same("local", lambda a, _b, _n, zone: a.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None))


@given(texts=st.lists(TEXTS, min_size=1, max_size=100))
@settings(max_examples=30, deadline=None)
def test_codes_are_compared_trimmed_and_case_blind(compiled: Compiled, texts: list[str]) -> None:
    rows = [(text,) for text in texts]
    assert _asked(compiled("trimmed"), {"text": "varchar"}, rows) == [trimmed(text) for text in texts]
    upper = [None if trimmed(text) is None else str(trimmed(text)).upper() for text in texts]
    assert _asked(compiled("compared"), {"text": "varchar"}, rows) == upper


def _month_number(moment: datetime) -> int:
    return moment.year * 12 + moment.month


def _months_later(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
