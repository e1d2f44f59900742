"""What a spreadsheet does to a cell, undone where only one reading is left.

Each function takes the text of a cell and gives the text the seed wants. A text it does not know comes back as it is,
for the check of the seed to judge; one with two readings raises `AmbiguousCellError`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MIDNIGHT = r"(?:[ T]0?0:00(?::00(?:\.0+)?)?Z?)?"
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]\d+")
# Day 1 of a spreadsheet is 1900-01-01, and its 1900 has a 29 February.
_SERIAL_DAY_ZERO = date(1899, 12, 30)
_SERIAL_DAYS = range(32_874, 73_051)
_DAMAGED = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|#+)", re.IGNORECASE)
_MISREAD = re.compile("[\u00c2\u00c3][\u0080-\u00bf\u0152-\u2122]|\u00e2\u20ac|\ufffd")
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"), "") | dict.fromkeys(map(ord, "\u00a0\u202f"), " ")


class AmbiguousCellError(Exception):
    """A cell that may mean several things, or whose meaning is lost; nobody but its author knows."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True)
class Repair:
    """Marks the column of a seed as one whose cells this function reads."""

    read: Callable[[str], str]


def readable(text: str) -> str:
    """A text without characters nobody sees.

    Raises:
        AmbiguousCellError: the spreadsheet or a wrong encoding has replaced the text.
    """
    if _DAMAGED.fullmatch(text):
        raise AmbiguousCellError("an error of a spreadsheet formula", "write the value itself")
    if _MISREAD.search(text):
        raise AmbiguousCellError("letters lost in another encoding", "type the text again and save it as 'CSV UTF-8'")
    return text.translate(INVISIBLE).strip()


def day(text: str) -> str:
    """A day as YYYY-MM-DD."""
    if found := re.fullmatch(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_MIDNIGHT}", text):
        return _iso(text, int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(rf"(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}}){_MIDNIGHT}", text):
        return _iso(text, int(found[3]), int(found[2]), int(found[1]))
    if found := re.fullmatch(rf"(\d{{1,2}})[/-](\d{{1,2}})[/-](\d{{4}}){_MIDNIGHT}", text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        readings = {_iso("", year, second, first), _iso("", year, first, second)} - {""}
        if len(readings) > 1:
            either = " or ".join(sorted(readings))
            raise AmbiguousCellError(
                f"no ISO date: it may be {either}", "write the one it is, and format the column as text"
            )
        return readings.pop() if readings else text
    if found := re.fullmatch(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ](\d{4})", text):
        return _named_month(text, found[3], found[2], found[1])
    if found := re.fullmatch(r"([A-Za-z]{3})[a-z]* (\d{1,2}),? (\d{4})", text):
        return _named_month(text, found[3], found[1], found[2])
    if re.fullmatch(r"\d{5}", text) and int(text) in _SERIAL_DAYS:
        return (_SERIAL_DAY_ZERO + timedelta(days=int(text))).isoformat()
    if re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}|[A-Za-z]{3}-\d{2}|\d{1,2}-[A-Za-z]{3}(-\d{2})?", text):
        raise AmbiguousCellError(
            "no ISO date: its day, month and year cannot be told apart", "write it like 2026-01-31"
        )
    return text


def number(text: str) -> str:
    """A number with a dot for the decimals and nothing else."""
    readings = _number_readings(text)
    if len(readings) > 1:
        either = " or ".join(readings)
        raise AmbiguousCellError(
            f"no plain number: it may be {either}", "write the one it is, without a thousands separator"
        )
    return readings[0] if readings else text


def whole_number(text: str) -> str:
    """A number without decimals."""
    readings = [reading for reading in _number_readings(text) if Decimal(reading) == int(Decimal(reading))]
    whole = list(dict.fromkeys(str(int(Decimal(reading))) for reading in readings))
    if len(whole) > 1:
        raise AmbiguousCellError(f"no whole number: it may be {' or '.join(whole)}", "write it without a separator")
    if re.fullmatch(r"[+-]?\d+", text) or not whole:
        return text
    return whole[0]


def time_of_day(text: str) -> str:
    """A time as HH:MM."""
    if found := re.fullmatch(r"(\d{1,2}):(\d{2})(?::00)?(?: ?([AaPp])\.?[Mm]\.?)?", text):
        hour = int(found[1])
        if found[3] and 1 <= hour <= 12:
            hour = hour % 12 + (12 if found[3] in "Pp" else 0)
        elif found[3]:
            return text
        return f"{hour:02}:{found[2]}"
    if re.fullmatch(r"0?\.\d+|0", text):
        minutes = Decimal(text) * 1440
        if abs(minutes - round(minutes)) < Decimal("0.001"):
            return f"{round(minutes) // 60:02}:{round(minutes) % 60:02}"
    return text


def identifier(text: str) -> str:
    """An id, which nothing can bring back once a spreadsheet took it for a number or a day."""
    if _SCIENTIFIC.fullmatch(text):
        raise AmbiguousCellError(
            "an id that was taken for a number and lost its digits", "type it again in a column of text"
        )
    if re.fullmatch(r"\d{1,2}-[A-Z][a-z]{2}(-\d{2,4})?|[A-Z][a-z]{2}-\d{2}", text):
        raise AmbiguousCellError("an id that was taken for a day", "type it again in a column of text")
    return text


def _number_readings(text: str) -> list[str]:
    """Every plain number a text may stand for; none where it is no number at all."""
    bare = text.replace("\u2212", "-").replace("'", "")
    if found := re.fullmatch(r"\((.+)\)|(.+)-", bare):
        bare = f"-{(found[1] or found[2]).strip()}"
    if _SCIENTIFIC.fullmatch(bare):
        raise AmbiguousCellError(
            "no plain number: its digits were cut off", "write all of them and format the column as text"
        )
    found = re.fullmatch(r"([+-]?)\s*([\d., ]*\d[\d., ]*)", bare)
    if not found:
        return []
    sign, digits = found[1].replace("+", ""), found[2].strip()
    if re.fullmatch(r"\d{1,3}( \d{3})+([.,]\d+)?", digits):
        digits = digits.replace(" ", "").replace(",", ".")
    if re.fullmatch(r"\d*\.?\d*", digits):
        return [sign + digits]
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+\.\d*|[1-9]\d{0,2}(,\d{3}){2,}", digits):
        return [sign + digits.replace(",", "")]
    if re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+,\d*|[1-9]\d{0,2}(\.\d{3}){2,}", digits):
        return [sign + digits.replace(".", "").replace(",", ".")]
    if re.fullmatch(r"[1-9]\d{0,2},\d{3}", digits):
        return [sign + digits.replace(",", ""), sign + digits.replace(",", ".")]
    if re.fullmatch(r"\d*,\d+", digits):
        return [sign + digits.replace(",", ".")]
    return []


def _iso(otherwise: str, year: int, month: int, day_of_month: int) -> str:
    try:
        return date(year, month, day_of_month).isoformat()
    except ValueError:
        return otherwise


def _named_month(text: str, year: str, name: str, day_of_month: str) -> str:
    if name.lower() not in _MONTHS:
        return text
    return _iso(text, int(year), _MONTHS.index(name.lower()) + 1, int(day_of_month))
