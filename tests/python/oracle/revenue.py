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
                "currency_code",
                "customer_segment",
                "sales_region",
                "sales_rep",
                "unexplained_amount",
                "is_missing_fx_rate",
            ],
        ),
        "rpt_revenue_reconciliation_monthly": book.reconciliation(variance),
        "rpt_revenue_variance_summary": book.summary(variance),
        "fct_revenue_remaining_obligation": book.obligations(schedule, variance),
        "rpt_revenue_deferred_waterfall": book.waterfall(schedule, variance),
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
            cancelled = self._cancelled(deal)
            for month, amount in self._term(deal):
                if cancelled is not None and month > month_of(cancelled):
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

    def _term(self, deal: Row) -> list[tuple[date, Decimal]]:
        """The months of the full term; none where the deal is not won or makes no term."""
        starts = deal["start_date"] or deal["booked_on"]
        if not deal["is_won"] or starts is None:
            return []
        value = deal["contract_value"] or ZERO
        if deal["category"] == "recurring":
            months = deal["duration_months"] or 0
            each = ratio(value, months, 2) if months > 0 else None
            amounts = [] if each is None else [each] * (months - 1) + [value - each * (months - 1)]
        else:
            amounts = [value]
        return [(months_after(month_of(starts), number), amount) for number, amount in enumerate(amounts)]

    def _cancelled(self, deal: Row) -> date | None:
        """The day of a cancellation that as_of has reached."""
        day: date | None = deal["cancelled_on"]
        return day if day is not None and day <= self.settings.today else None

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
                    "is_missing_fx_rate": False,
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
            target["is_missing_fx_rate"] = target["is_missing_fx_rate"] or amount is None

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
            "currency_code": row["currency"],
            "revenue_month": month,
            "revenue_category": category,
            "variance_pct": ratio(row["variance_amount"], row["booked_amount"]),
            "cause": cause,
            "severity": None
            if cause == "matched"
            else severity(self.inputs, "revenue", row["variance_amount"], row["booked_amount"], amount),
            "customer_segment": (deal["customer_segment"] if deal else None) or "Unknown",
            "sales_region": (deal["sales_region"] if deal else None) or "Unknown",
            "sales_rep": (deal["sales_rep"] if deal else None) or "Unknown",
            "unexplained_amount": self._unexplained(cause, row),
            "is_missing_fx_rate": row["is_missing_fx_rate"] or self.rates.to_reporting(row["currency"], month) is None,
        }

    def _unexplained(self, cause: str, row: Row) -> Decimal:
        """Reading: re-postings removed and currencies converted do not account for what is still off.

        Reading: where an entry could not be converted, the missing rate accounts for the difference.
        """
        is_off = abs(row["variance_amount"]) > self.settings.variance_tolerance * abs(row["booked_amount"])
        is_accounted_for = cause != "duplicate_entry" and (cause != "currency_mismatch" or row["is_missing_fx_rate"])
        return row["variance_amount"] if is_off and not is_accounted_for else ZERO

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

    def summary(self, variance: list[Row]) -> pd.DataFrame:
        """Reading: the value of a row is the greater of what is booked and recognized, unsigned."""
        dimensions = ("revenue_category", "customer_segment", "sales_region", "sales_rep", "cause")
        groups: dict[tuple[date, str, str], list[Row]] = defaultdict(list)
        for row in variance:
            groups[(row["revenue_month"], "all", "all")].append(row)
            for dimension in dimensions:
                groups[(row["revenue_month"], dimension, row[dimension])].append(row)
        rows = []
        for (month, dimension, member), members in groups.items():
            cell = {
                "revenue_month": month,
                "dimension": dimension,
                "member": member,
                "deal_count": len(members),
                "matched_deals": sum(row["cause"] == "matched" for row in members),
                "booked_amount": ZERO,
                "recognized_amount": ZERO,
                "variance_amount": ZERO,
                "absolute_variance_amount": ZERO,
                "unexplained_amount": ZERO,
                "matched_value": ZERO,
                "total_value": ZERO,
                "unconverted_rows": 0,
            }
            for row in members:
                booked, recognized = (self._reported(row, name) for name in ("booked_amount", "recognized_amount"))
                if booked is None or recognized is None:
                    cell["unconverted_rows"] += 1
                    continue
                value = max(abs(booked), abs(recognized))
                cell["booked_amount"] += booked
                cell["recognized_amount"] += recognized
                cell["variance_amount"] += recognized - booked
                cell["absolute_variance_amount"] += abs(recognized - booked)
                cell["unexplained_amount"] += recognized - booked if row["unexplained_amount"] else ZERO
                cell["matched_value"] += value if row["cause"] == "matched" else ZERO
                cell["total_value"] += value
            cell["match_rate"] = ratio(cell["matched_deals"], cell["deal_count"])
            cell["match_rate_by_value"] = ratio(cell["matched_value"], cell["total_value"])
            rows.append(cell)
        return frame(rows, list(rows[0]) if rows else ["revenue_month", "dimension", "member"])

    def _reported(self, row: Row, name: str) -> Decimal | None:
        return self.rates.converted(row[name], row["currency"], self.rates.reporting, row["revenue_month"])

    def obligations(self, schedule: list[Row], variance: list[Row]) -> pd.DataFrame:
        """Reading: what is recognized up to the month of as_of counts, under whatever category."""
        recognized: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for row in variance:
            recognized[row["key"]] += row["recognized_amount"]
        due: dict[str, list[Row]] = defaultdict(list)
        for row in schedule:
            due[row["key"]].append(row)
        today, in_a_year = self.settings.month, months_after(self.settings.month, 12)
        rows = []
        for key, deal in self.deals.items():
            term = self._term(deal)
            if not term:
                continue
            value = sum((amount for _, amount in term), ZERO)
            booked = sum((row["booked_amount"] for row in due[key]), ZERO)
            soon = [row["booked_amount"] for row in due[key] if today < row["revenue_month"] <= in_a_year]
            far = [row["booked_amount"] for row in due[key] if row["revenue_month"] > in_a_year]
            rows.append(
                {
                    "deal_id": deal["deal_id"],
                    "currency_code": deal["currency"],
                    "booked_month": self._booked_month(deal),
                    "first_month": term[0][0],
                    "last_month": max((row["revenue_month"] for row in due[key]), default=None),
                    "contract_value": value,
                    "cancelled_amount": value - booked,
                    "booked_amount": booked,
                    "recognized_amount": recognized[key],
                    "remaining_obligation": booked - recognized[key],
                    "behind_schedule_amount": booked - sum(soon, ZERO) - sum(far, ZERO) - recognized[key],
                    "due_within_12_months": sum(soon, ZERO),
                    "due_later": sum(far, ZERO),
                }
            )
        return frame(rows, list(rows[0]) if rows else ["deal_id"])

    def _booked_month(self, deal: Row) -> date:
        """Reading: a deal that does not say when it was booked is booked when its term begins, or by as_of."""
        if deal["booked_on"] is not None:
            return month_of(deal["booked_on"])
        return min(month_of(deal["start_date"]), self.settings.month)

    def waterfall(self, schedule: list[Row], variance: list[Row]) -> pd.DataFrame:
        """Reading: booked is the value of whole deals in the month they were booked, at the rate of that month.

        Reading: a cancellation takes back, in its month, what leaves the schedule, at the rate it was booked at.
        Reading: what is recognized on deals without a booking in the reporting currency defers nothing.
        """
        amounts = (
            "new_bookings_amount",
            "cancelled_amount",
            "recognized_amount",
            "exchange_difference",
            "recognized_without_booking_amount",
        )
        cells: dict[tuple[str, str], dict[date, Row]] = defaultdict(dict)

        def cell(category: str, segment: str, month: date) -> Row:
            blank = dict.fromkeys(amounts, ZERO) | {"unconverted_rows": 0}
            return cells[(category, segment)].setdefault(month, blank)

        due: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for row in schedule:
            due[row["key"]] += row["booked_amount"]
        booking_rates: dict[str, Decimal] = {}
        for key, deal in self.deals.items():
            term = self._term(deal)
            if not term:
                continue
            value, month = sum((amount for _, amount in term), ZERO), self._booked_month(deal)
            segment = deal["customer_segment"] or "Unknown"
            rate = self.rates.to_reporting(deal["currency"], month)
            if rate is None:
                cell(deal["category"], segment, month)["unconverted_rows"] += 1
                continue
            booking_rates[key] = rate
            cell(deal["category"], segment, month)["new_bookings_amount"] += _product(value, rate)
            cancelled = self._cancelled(deal)
            if cancelled is not None:
                taken_back = _product(value, rate) - _product(due[key], rate)
                cell(deal["category"], segment, max(month, month_of(cancelled)))["cancelled_amount"] += taken_back
        for row in variance:
            if row["recognized_amount"] == 0:
                continue
            target = cell(row["revenue_category"], row["customer_segment"], row["revenue_month"])
            amount = self._reported(row, "recognized_amount")
            if amount is None:
                target["unconverted_rows"] += 1
            elif row["key"] in booking_rates:
                target["recognized_amount"] += amount
                target["exchange_difference"] += _product(row["recognized_amount"], booking_rates[row["key"]]) - amount
            else:
                target["recognized_without_booking_amount"] += amount
        rows = []
        for (category, segment), months in cells.items():
            booked = recognized = exchange = ZERO
            month = min(months)
            while month <= self.settings.month:
                here = months.get(month) or dict.fromkeys(amounts, ZERO) | {"unconverted_rows": 0}
                opening = booked - recognized
                net = here["new_bookings_amount"] - here["cancelled_amount"]
                booked += net
                recognized += here["recognized_amount"]
                exchange += here["exchange_difference"]
                rows.append(
                    {
                        "revenue_month": month,
                        "revenue_category": category,
                        "customer_segment": segment,
                        "opening_balance": opening,
                        "new_bookings_amount": here["new_bookings_amount"],
                        "cancelled_amount": here["cancelled_amount"],
                        "booked_amount": net,
                        "recognized_amount": here["recognized_amount"],
                        "deferred_amount": booked - recognized - opening,
                        "deferred_balance": booked - recognized,
                        "booked_to_date": booked,
                        "recognized_to_date": recognized,
                        "exchange_difference_to_date": exchange,
                        "recognized_without_booking_amount": here["recognized_without_booking_amount"],
                        "unconverted_rows": here["unconverted_rows"],
                    }
                )
                month = months_after(month, 1)
        return frame(rows, list(rows[0]) if rows else ["revenue_month", "revenue_category", "customer_segment"])


def _product(amount: Decimal, rate: Decimal) -> Decimal:
    return rounded(Fraction(amount) * Fraction(rate))


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
