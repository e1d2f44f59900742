"""One row model per seed of the contract (section 2): what each cell may hold.

A cell is text as the file has it, stray spaces trimmed. Codes are matched case-blind. A cell that does not fit raises
an error of type `cell` whose context holds the remedy.
"""

from __future__ import annotations

import contextlib
import re
import zoneinfo
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any, ClassVar, NoReturn, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from runner import seed_repairs
from runner.seed_repairs import Repair

TIERS = ("Simple", "Moderate", "Complex")
ENVIRONMENTS = ("Corporate", "Contact Center")
FINANCE_DOMAINS = ("msp", "revenue")
SEVERITIES = ("info", "warning", "critical")
_FIRST_DAY, _LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)


def refuse(problem: str, remedy: str) -> NoReturn:
    """Refuse the cell being validated."""
    raise PydanticCustomError("cell", "{problem}", {"problem": problem, "remedy": remedy})


def _given(text: Any) -> Any:
    if text is None:
        refuse("empty", "fill the cell")
    return text


def _date(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    value = None
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        with contextlib.suppress(ValueError):
            value = date.fromisoformat(text)
    if value is None:
        refuse("no ISO date", "write it like 2026-01-31 and format the column as text in Excel")
    if not _FIRST_DAY <= value <= _LAST_DAY:
        refuse("too far from today", f"write a day from {_FIRST_DAY} to {_LAST_DAY}; leave an end that is none empty")
    return value


def _month(value: date) -> date:
    if value.day != 1:
        refuse("not the first of a month", f"write {value.replace(day=1).isoformat()}")
    return value


def _whole(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    if not re.fullmatch(r"[+-]?\d{1,9}", text):
        refuse("no whole number", "write digits only, like 10")
    return int(text)


class _Number:
    """Reads a plain decimal and holds it to the digits the warehouse keeps, so that none is silently rounded away."""

    def __init__(self, precision: int, scale: int) -> None:
        self._precision = precision
        self._scale = scale

    def __call__(self, text: Any) -> Any:
        if not isinstance(text, str):
            return text
        if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text):
            refuse(
                "no plain number", "write it like 1234.50: a dot, no thousands separator, no currency or percent sign"
            )
        try:
            value = Decimal(text)
        except InvalidOperation:
            refuse("no plain number", "write it like 1234.50")
        exponent = value.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self._scale:
            refuse(f"more than {self._scale} decimals", f"round it to {self._scale} decimals")
        if abs(value) >= Decimal(10) ** (self._precision - self._scale):
            refuse("too large", f"at most {self._precision - self._scale} digits before the dot")
        return value


class _OneOf:
    """Matches a code case-blind and brings it to its own spelling."""

    def __init__(self, *codes: str) -> None:
        self._codes = {code.lower(): code for code in codes}

    def __call__(self, text: str) -> str:
        if text.lower() not in self._codes:
            refuse("unknown value", f"write one of {', '.join(self._codes.values())}")
        return self._codes[text.lower()]


class _AtLeast:
    def __init__(self, least: int, *, exclusive: bool = False) -> None:
        self._least = least
        self._exclusive = exclusive

    def __call__(self, value: Any) -> Any:
        if value < self._least or (self._exclusive and value == self._least):
            refuse("too small", f"write a number {'above' if self._exclusive else 'of at least'} {self._least}")
        return value


class _AtMost:
    def __init__(self, most: int) -> None:
        self._most = most

    def __call__(self, value: Any) -> Any:
        if value > self._most:
            refuse("too large", f"write a number of at most {self._most}")
        return value


def _pattern(text: str) -> str:
    try:
        re.compile(text, re.IGNORECASE)
    except re.error as error:
        refuse(f"no valid regular expression ({error})", "mend the pattern; brackets must close, and \\ escapes a sign")
    if re.search(r"\(\?(?!:)|\\[1-9Zz]|[*+?}]\+", text):
        refuse(
            "a regular expression that not every engine can try",
            "write it without looking ahead or behind, back references, inline options and possessive repetition",
        )
    return text


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", text):
        refuse("no time of day", "write HH:MM with two digits each, 00:00 to 24:00")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _zone(text: str) -> str:
    if text not in _zones():
        refuse("unknown time zone", "write an IANA zone like Europe/London, spelled exactly so")
    return text


def _currency(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        refuse("no currency code", "write its three letters (ISO 4217), like EUR")
    return text.upper()


def _override_value(text: str) -> str:
    return text if text.lower() in {tier.lower() for tier in TIERS} else seed_repairs.number(text)


def _bare_type(text: str) -> str:
    if text.lower().endswith(" revenue"):
        refuse("ends in ' Revenue'", f"write {text[: -len(' revenue')]}: the suffix is taken off before matching")
    return text


Given = BeforeValidator(_given)
_READ_DAY = Repair(seed_repairs.day)
_READ_WHOLE = Repair(seed_repairs.whole_number)
_READ_NUMBER = Repair(seed_repairs.number)
READ_ID = Repair(seed_repairs.identifier)
Text = Annotated[str, Given]
Id = Annotated[str, Given, READ_ID]
Day = Annotated[date, BeforeValidator(_date), Given, _READ_DAY]
Month = Annotated[date, AfterValidator(_month), BeforeValidator(_date), Given, _READ_DAY]
Precedence = Annotated[int, AfterValidator(_AtLeast(0)), BeforeValidator(_whole), Given, _READ_WHOLE]
Hours = Annotated[
    int | None, AfterValidator(lambda hours: hours and _AtLeast(1)(hours)), BeforeValidator(_whole), _READ_WHOLE
]
Minutes = Annotated[
    int, AfterValidator(_AtMost(525_600)), AfterValidator(_AtLeast(1)), BeforeValidator(_whole), Given, _READ_WHOLE
]
Weekday = Annotated[
    int, AfterValidator(_AtMost(7)), AfterValidator(_AtLeast(1)), BeforeValidator(_whole), Given, _READ_WHOLE
]
Rate = Annotated[
    Decimal,
    AfterValidator(_AtMost(10_000)),
    AfterValidator(_AtLeast(0)),
    BeforeValidator(_Number(18, 4)),
    Given,
    _READ_NUMBER,
]
FxRate = Annotated[
    Decimal, AfterValidator(_AtLeast(0, exclusive=True)), BeforeValidator(_Number(18, 8)), Given, _READ_NUMBER
]
Share = Annotated[
    Decimal,
    AfterValidator(_AtMost(1)),
    AfterValidator(_AtLeast(0)),
    BeforeValidator(_Number(9, 6)),
    Given,
    _READ_NUMBER,
]
Weight = Annotated[Decimal, AfterValidator(_AtLeast(0)), BeforeValidator(_Number(9, 4)), Given, _READ_NUMBER]
Amount = Annotated[Decimal, AfterValidator(_AtLeast(0)), BeforeValidator(_Number(18, 2)), Given, _READ_NUMBER]
Tier = Annotated[str, AfterValidator(_OneOf(*TIERS)), Given]
Environment = Annotated[str, AfterValidator(_OneOf(*ENVIRONMENTS)), Given]
Severity = Annotated[str, AfterValidator(_OneOf(*SEVERITIES)), Given]
FinanceDomain = Annotated[str, AfterValidator(_OneOf(*FINANCE_DOMAINS)), Given]
Pattern = Annotated[str, AfterValidator(_pattern), Given]
Clock = Annotated[str, AfterValidator(_clock), Given, Repair(seed_repairs.time_of_day)]


class SeedRow(BaseModel):
    """A row of a seed. `KEY` is unique, compared case-blind; `MAY_BE_EMPTY` tells whether no row at all makes sense."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    KEY: ClassVar[tuple[str, ...]]
    MAY_BE_EMPTY: ClassVar[bool] = False


class _Valid(SeedRow):
    """A row that holds from a day up to, not including, another."""

    valid_from: Day
    valid_to: Annotated[date | None, BeforeValidator(_date), _READ_DAY]

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            refuse(
                "valid_to is not after valid_from",
                "valid_to is the first day the row no longer holds; empty: still valid",
            )
        return self


class TierRate(_Valid):
    """What a task of a tier is worth, by validity."""

    KEY = ("tier", "valid_from")

    tier: Tier
    points_per_task: Rate
    rate_gbp_per_point: Rate


class CompletionMethodTier(SeedRow):
    """The tier a completion method is paid as."""

    KEY = ("completion_method",)

    completion_method: Text
    tier: Tier


class EnvironmentRule(SeedRow):
    """Which environment a ticket belongs to."""

    KEY = ("rule_id",)
    MAY_BE_EMPTY = True

    rule_id: Id
    precedence: Precedence
    field: Annotated[str, AfterValidator(_OneOf("cost_centre", "site_code", "short_description")), Given]
    pattern: Pattern
    environment: Environment


class TaskCategoryRule(SeedRow):
    """The category of a task by its description."""

    KEY = ("rule_id",)
    MAY_BE_EMPTY = True

    rule_id: Id
    precedence: Precedence
    pattern: Pattern
    category: Text


class ActivityPointOverride(SeedRow):
    """A correction of what a task or a month is worth (contract, 4.1 rule 5)."""

    KEY = ("override_id",)
    MAY_BE_EMPTY = True

    override_id: Id
    task_id: Annotated[str | None, READ_ID]
    billing_month: Annotated[
        date | None, AfterValidator(lambda day: day and _month(day)), BeforeValidator(_date), _READ_DAY
    ]
    environment: Annotated[str | None, AfterValidator(lambda code: code and _OneOf(*ENVIRONMENTS, "Unassigned")(code))]
    tier: Annotated[str | None, AfterValidator(lambda code: code and _OneOf(*TIERS, "Untiered", "All")(code))]
    override_type: Annotated[
        str, AfterValidator(_OneOf("set_tier", "set_points", "set_amount", "exclude", "adjust_amount")), Given
    ]
    override_value: Annotated[str | None, Repair(_override_value)]
    reason: Text
    requested_by: Text
    approved_by: str | None
    approved_on: Annotated[date | None, BeforeValidator(_date), _READ_DAY]
    reference: str | None

    @model_validator(mode="after")
    def _names_what_it_corrects(self) -> Self:
        if self.override_type == "adjust_amount":
            if self.billing_month is None or self.environment is None:
                refuse(
                    "adjust_amount without billing_month or environment",
                    "name the month and the environment it adjusts",
                )
        elif self.task_id is None:
            refuse(f"{self.override_type} without task_id", "name the task it corrects")
        if self.override_type == "exclude":
            return self
        if self.override_value is None:
            refuse(f"{self.override_type} without override_value", "fill in the tier, the points or the amount")
        if self.override_type == "set_tier":
            _OneOf(*TIERS)(self.override_value)
        elif self.override_type == "set_points":
            _AtMost(100_000)(_AtLeast(0)(_Number(18, 4)(self.override_value)))
        else:
            # More decimals than a penny has are rounded like any other amount.
            _Number(18, 8)(self.override_value)
        return self


class RevenueType(SeedRow):
    """The category of a revenue type."""

    KEY = ("revenue_type",)

    revenue_type: Annotated[str, AfterValidator(_bare_type), Given]
    revenue_category: Annotated[str, AfterValidator(_OneOf("recurring", "one_time")), Given]


class ExchangeRate(SeedRow):
    """A currency's rate of a month."""

    KEY = ("currency_code", "month")
    MAY_BE_EMPTY = True

    currency_code: Annotated[str, AfterValidator(_currency), Given]
    month: Month
    rate_to_reporting: FxRate


class VarianceThreshold(SeedRow):
    """From where on a difference has a severity."""

    KEY = ("domain", "severity")
    MAY_BE_EMPTY = True

    domain: FinanceDomain
    severity: Severity
    min_pct: Share
    min_amount: Amount


class SlaTarget(_Valid):
    """A promise to customers."""

    KEY = ("priority", "customer_tier", "metric", "valid_from")

    priority: str | None
    customer_tier: str | None
    metric: Annotated[str, AfterValidator(_OneOf("first_response", "resolution")), Given]
    target_minutes: Minutes
    calendar_id: Id


class BusinessCalendar(SeedRow):
    """An opening window of a calendar."""

    KEY = ("calendar_id", "iso_weekday", "opens_at")

    calendar_id: Id
    iana_timezone: Annotated[str, AfterValidator(_zone), Given]
    iso_weekday: Weekday
    opens_at: Clock
    closes_at: Clock

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> Self:
        if self.closes_at <= self.opens_at:
            refuse(
                "closes_at is not after opens_at",
                "a window that crosses midnight is two rows: until 24:00, then from 00:00",
            )
        return self


class CalendarHoliday(SeedRow):
    """A day on which a calendar is closed."""

    KEY = ("calendar_id", "holiday_on")
    MAY_BE_EMPTY = True

    calendar_id: Id
    holiday_on: Day
    name: Text


class AlertRoute(SeedRow):
    """Where an alert goes."""

    KEY = ("domain", "rule", "severity", "channel")
    MAY_BE_EMPTY = True

    domain: Annotated[str, AfterValidator(_OneOf("msp", "revenue", "support", "operations")), Given]
    rule: str | None
    severity: Severity
    channel: Text
    escalate_after_hours: Hours
    escalate_to: str | None

    @model_validator(mode="after")
    def _escalates_somewhere(self) -> Self:
        if self.escalate_after_hours is not None and self.escalate_to is None:
            refuse("escalate_after_hours without escalate_to", "name the channel it escalates to, or empty the hours")
        return self


class SourceFreshness(SeedRow):
    """How long a raw table may show nothing new."""

    KEY = ("table_name",)
    MAY_BE_EMPTY = True

    table_name: Text
    max_age_hours: Hours
    severity: Severity


class PeriodClose(SeedRow):
    """A month that finance has closed."""

    KEY = ("domain", "period")
    MAY_BE_EMPTY = True

    domain: FinanceDomain
    period: Month
    closed_on: Day
    closed_by: Text


class DataQualityWeight(SeedRow):
    """The weight of a quality dimension in the overall score."""

    KEY = ("dimension",)

    dimension: Annotated[
        str, AfterValidator(_OneOf("completeness", "uniqueness", "validity", "consistency", "timeliness")), Given
    ]
    weight: Weight


SEEDS: dict[str, type[SeedRow]] = {
    "tier_rates": TierRate,
    "completion_method_tiers": CompletionMethodTier,
    "environment_rules": EnvironmentRule,
    "task_category_rules": TaskCategoryRule,
    "activity_point_overrides": ActivityPointOverride,
    "revenue_types": RevenueType,
    "fx_rates": ExchangeRate,
    "variance_thresholds": VarianceThreshold,
    "sla_targets": SlaTarget,
    "business_calendars": BusinessCalendar,
    "calendar_holidays": CalendarHoliday,
    "alert_routes": AlertRoute,
    "source_freshness": SourceFreshness,
    "period_closes": PeriodClose,
    "data_quality_weights": DataQualityWeight,
}
