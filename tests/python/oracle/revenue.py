"""Section 4.2: what was booked, what was recognized, and why the two differ."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from .exact import ratio, rounded
from .inputs import Inputs, Row, Settings, code, frame, month_of, months_after
from .msp import severity

ZERO = Decimal(0)
NO_DEAL = "(none)"
UNCLASSIFIED = "unclassified"
STATUSES = {
    "WON": "won",
    "CLOSED WON": "won",
    "LOST": "lost",
    "OPEN": "open",
    "PENDING": "open",
    "CANCELLED": "cancelled",
}
ENTRY_TYPES = ("RECOGNITION", "ADJUSTMENT", "REVERSAL")
Cell = tuple[str, date, str]


def compute(inputs: Inputs, settings: Settings) -> dict[str, pd.DataFrame]:
    book = Book(inputs, settings)
    schedule = book.schedule()
    variance = book.variance(schedule)
    return {
        "fct_revenue_schedule": frame(
            schedule, ["deal_id", "revenue_month", "revenue_category", "booked_amount", "currency_code"]
        ),
        "fct_revenue_variance": frame(
            variance,
            [
                "deal_id",
                "revenue_month",
                "revenue_category",
                "booked_amount",
                "recognized_amount",
                "variance_amount",
                "variance_pct",
                "cause",
                "severity",
            ],
        ),
        "rpt_revenue_reconciliation_monthly": book.reconciliation(variance),
    }


def type_key(revenue_type: str | None) -> str | None:
    """A revenue type as it is compared: case-blind, without a trailing ` Revenue`."""
    key = code(revenue_type)
    if key is not None and key.endswith(" REVENUE"):
        key = key.removesuffix(" REVENUE").strip()
    return key


class Categories:
    """Reading: a type that is null or unknown has a category of its own, `unclassified`, and is not recurring."""

    def __init__(self, inputs: Inputs) -> None:
        self.by_type = {
            type_key(row["revenue_type"]): row["revenue_category"].lower() for row in inputs.seed("revenue_types")
        }

    def of(self, revenue_type: str | None) -> str:
        """The category of a type as it was written."""
        return str(self.by_type.get(type_key(revenue_type), UNCLASSIFIED))


class Rates:
    """FX rates of a month or none; the reporting currency is worth itself."""

    def __init__(self, inputs: Inputs, settings: Settings) -> None:
        self.reporting = settings.reporting_currency.upper()
        self.rates = {
            (code(row["currency_code"]), month_of(row["month"])): row["rate_to_reporting"]
            for row in inputs.seed("fx_rates")
        }
        self.currencies = {currency for currency, _ in self.rates} | {self.reporting}

    def to_reporting(self, currency: str, month: date) -> Decimal | None:
        """The rate of a currency in a month; None where there is none."""
        if currency == self.reporting:
            return Decimal(1)
        return self.rates.get((currency, month))

    def converted(self, amount: Decimal, currency: str, into: str, month: date) -> Decimal | None:
        """Reading: each amount converted is rounded to two decimals."""
        if currency == into:
            return amount
        here, there = self.to_reporting(currency, month), self.to_reporting(into, month)
        if here is None or there is None or there == 0:
            return None
        return rounded(Fraction(amount) * Fraction(here) / Fraction(there))


class Book:
    """Deals and entries as they are seen at as_of."""

    def __init__(self, inputs: Inputs, settings: Settings) -> None:
        self.inputs = inputs
        self.settings = settings
        self.categories = Categories(inputs)
        self.rates = Rates(inputs, settings)
        every_deal = {row["key"]: self._deal(row) for row in inputs.rows("deals")}
        self.currencies = {key: deal["currency"] for key, deal in every_deal.items()}
        named = sorted({row["deal_id"] for row in inputs.rows("revenue_entries") if row["deal_id"]}, reverse=True)
        self.spellings = {NO_DEAL: NO_DEAL} | {name.upper(): name for name in named}
        self.spellings |= {key: deal["deal_id"] for key, deal in every_deal.items()}
        self.deals = {key: deal for key, deal in every_deal.items() if self._is_seen(deal)}

    def _is_seen(self, deal: Row) -> bool:
        """Reading: a deal booked after as_of has not happened yet."""
        return deal["booked_on"] is None or deal["booked_on"] <= self.settings.today

    def _deal(self, deal: Row) -> Row:
        """Reading: a deal without a currency is in the reporting currency.

        Reading: a cancelled deal with a date was won before; without one it was not.
        """
        status = STATUSES.get(code(deal["deal_status"]) or "")
        return {
            **deal,
            "status": status,
            "is_won": status == "won" or (status == "cancelled" and deal["cancelled_on"] is not None),
            "category": self.categories.of(deal["revenue_type"]),
            "currency": code(deal["currency_code"]) or self.rates.reporting,
        }

    def schedule(self) -> list[Row]:
        """Reading: a deal without start_date and booked_on has no month to begin in, and so none at all."""
        rows = []
        for deal in self.deals.values():
            starts = deal["start_date"] or deal["booked_on"]
            if not deal["is_won"] or starts is None:
                continue
            value = deal["contract_value"] or ZERO
            if deal["category"] == "recurring":
                months = deal["duration_months"] or 0
                each = ratio(value, months, 2) if months > 0 else None
                amounts = [] if each is None else [each] * (months - 1) + [value - each * (months - 1)]
            else:
                amounts = [value]
            cancelled = deal["cancelled_on"]
            for number, amount in enumerate(amounts):
                month = months_after(month_of(starts), number)
                if cancelled is not None and cancelled <= self.settings.today and month > month_of(cancelled):
                    break
                rows.append(
                    {
                        "key": deal["key"],
                        "deal_id": deal["deal_id"],
                        "revenue_month": month,
                        "revenue_category": deal["category"],
                        "booked_amount": amount,
                        "currency_code": deal["currency"],
                    }
                )
        return rows

    def entries(self) -> list[Row]:
        """Entries seen by as_of, re-postings marked.

        Reading: an entry without posted_at is seen.
        Reading: of entries posted twice the least entry_id counts; two nulls are the same.
        """
        seen = [
            {
                **row,
                "category": self.categories.of(row["revenue_type"]),
                "currency": code(row["currency_code"])
                or self.currencies.get(code(row["deal_id"]) or "", self.rates.reporting),
            }
            for row in self.inputs.rows("revenue_entries")
            if row["posted_at"] is None or row["posted_at"] <= self.settings.as_of
        ]
        mark_repostings(seen)
        return seen

    def variance(self, schedule: list[Row]) -> list[Row]:
        """Reading: an entry without a recognition period is in no month.

        Reading: entries without a known deal stand in the currency they are in where that is one, else in the reporting
        currency, and have no currency mismatch.
        Reading: an unknown deal_id that comes in several spellings takes the least of them by code point.
        Reading: an entry without a currency is in its deal's, booked yet or not, else in the reporting currency.
        Reading: a row stands for an entry even where the entry was left out of the sum.
        """
        cells: dict[Cell, Row] = {}

        def cell(key: str, month: date, category: str) -> Row:
            return cells.setdefault(
                (key, month, category),
                {
                    "booked_amount": ZERO,
                    "recognized_amount": ZERO,
                    "is_scheduled": False,
                    "has_duplicates": False,
                    "has_mismatch": False,
                },
            )

        for row in schedule:
            if row["revenue_month"] <= self.settings.month:
                target = cell(row["key"], row["revenue_month"], row["revenue_category"])
                target["booked_amount"] += row["booked_amount"]
                target["is_scheduled"] = True
        entries = self.entries()
        currencies: dict[Cell, set[str]] = defaultdict(set)
        for entry in entries:
            key = code(entry["deal_id"]) or NO_DEAL
            if entry["recognition_period"] is not None:
                month = month_of(entry["recognition_period"])
                currencies[(key, month, entry["category"])].add(entry["currency"])
        for entry in entries:
            if entry["recognition_period"] is None or month_of(entry["recognition_period"]) > self.settings.month:
                continue
            month = month_of(entry["recognition_period"])
            key = code(entry["deal_id"]) or NO_DEAL
            deal = self.deals.get(key)
            target = cell(key, month, entry["category"])
            if entry["is_reposted"]:
                target["has_duplicates"] = True
                continue
            into = self._currency(deal, currencies[(key, month, entry["category"])])
            if deal is not None and entry["currency"] != into:
                target["has_mismatch"] = True
            amount = self.rates.converted(entry["recognized_amount"] or ZERO, entry["currency"], into, month)
            target["recognized_amount"] += amount or ZERO

        for row in cells.values():
            row["variance_amount"] = row["recognized_amount"] - row["booked_amount"]
        for place, row in cells.items():
            row["currency"] = self._currency(self.deals.get(place[0]), currencies[place])
            row["deal_id"] = self.spellings[place[0]]
        return [self._judged(key, row, cells) for key, row in cells.items()]

    def _currency(self, deal: Row | None, of_entries: set[str]) -> str:
        if deal is not None:
            return str(deal["currency"])
        return next(iter(of_entries)) if len(of_entries) == 1 else self.rates.reporting

    def _judged(self, cell: Cell, row: Row, cells: dict[Cell, Row]) -> Row:
        key, month, category = cell
        deal = self.deals.get(key)
        cause = self._cause(cell, row, cells)
        amount = self.rates.converted(row["variance_amount"], row["currency"], self.rates.reporting, month)
        return {
            **row,
            "key": key,
            "revenue_month": month,
            "revenue_category": category,
            "variance_pct": ratio(row["variance_amount"], row["booked_amount"]),
            "cause": cause,
            "severity": None
            if cause == "matched"
            else severity(self.inputs, "revenue", row["variance_amount"], row["booked_amount"], amount),
            "customer_segment": (deal["customer_segment"] if deal else None) or "Unknown",
        }

    def _cause(self, cell: Cell, row: Row, cells: dict[Cell, Row]) -> str:
        """Reading: the same amount sits under the other category when that row's variance is the exact opposite.

        Reading: an opposite variance has the other sign; 0 has none.
        Reading: nothing is recognized where the recognized amount is 0.
        """
        key, month, category = cell
        variance, booked = row["variance_amount"], row["booked_amount"]
        tolerance = self.settings.variance_tolerance
        if row["has_duplicates"]:
            return "duplicate_entry"
        if row["has_mismatch"]:
            return "currency_mismatch"
        if abs(variance) <= tolerance * abs(booked):
            return "matched"
        for other in ("recurring", "one_time", UNCLASSIFIED):
            there = cells.get((key, month, other)) if other != category else None
            if there is not None and there["variance_amount"] == -variance:
                return "type_mismatch"
        for step in (-1, 1):
            neighbour = cells.get((key, months_after(month, step), category))
            if neighbour is None or neighbour["variance_amount"] * variance >= 0:
                continue
            larger = max(abs(booked), abs(neighbour["booked_amount"]))
            if abs(variance + neighbour["variance_amount"]) <= tolerance * larger:
                return "timing_shift"
        if booked != 0 and row["recognized_amount"] == 0:
            return "missing_recognition"
        deal = self.deals.get(key)
        if deal is None or not deal["is_won"]:
            return "unbooked_recognition"
        if not row["is_scheduled"]:
            return "recognized_outside_term"
        return "amount_mismatch"

    def reconciliation(self, variance: list[Row]) -> pd.DataFrame:
        """Reading: each row is converted and rounded, then summed; one without a rate counts, but adds no amount.

        Reading: deal_count counts the deal ids, `(none)` as one.
        """
        groups: dict[tuple[date, str, str], list[Row]] = defaultdict(list)
        for row in variance:
            groups[(row["revenue_month"], row["revenue_category"], row["customer_segment"])].append(row)
        rows = []
        for (month, category, segment), members in groups.items():
            totals = {}
            for name in ("booked_amount", "recognized_amount"):
                converted = (
                    self.rates.converted(row[name], row["currency"], self.rates.reporting, month) for row in members
                )
                totals[name] = sum((amount or ZERO for amount in converted), ZERO)
            matched = sum(1 for row in members if row["cause"] == "matched")
            rows.append(
                {
                    "revenue_month": month,
                    "revenue_category": category,
                    "customer_segment": segment,
                    "deal_count": len(members),
                    **totals,
                    "variance_amount": totals["recognized_amount"] - totals["booked_amount"],
                    "matched_deals": matched,
                    "match_rate": ratio(matched, len(members)),
                }
            )
        columns = (
            "revenue_month revenue_category customer_segment deal_count booked_amount recognized_amount "
            "variance_amount matched_deals match_rate"
        )
        return frame(rows, columns.split())


def mark_repostings(entries: list[Row]) -> None:
    """Sets `is_reposted` on each entry that another one says already."""
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for entry in entries:
        period = entry["recognition_period"]
        same = (
            code(entry["deal_id"]),
            month_of(period) if period else None,
            type_key(entry["revenue_type"]),
            code(entry["entry_type"]),
            entry["recognized_amount"],
            entry["posted_at"],
        )
        groups[same].append(entry)
    for group in groups.values():
        first = min(group, key=lambda entry: str(entry["key"]))
        for entry in group:
            entry["is_reposted"] = entry is not first
