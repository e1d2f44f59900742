"""What the seeds may say but hardly mean: it is told, and the build goes on."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date

from runner.seed_problems import Files, SeedProblem, Tables
from runner.seed_rows import (
    SEVERITIES,
    ActivityPointOverride,
    EnvironmentRule,
    ExchangeRate,
    PeriodClose,
    TaskCategoryRule,
    TierRate,
    VarianceThreshold,
)

_JUMP = 10


def _warning(file: str, row: int, column: str, value: object, problem: str, remedy: str) -> SeedProblem:
    return SeedProblem(file, row, column, "" if value is None else str(value), problem, remedy, "warning")


def _overrides(tables: Tables, files: Files) -> Iterator[SeedProblem]:
    name = "activity_point_overrides"
    approved: dict[tuple[str, date], int] = {}
    for row in tables.get(name, ()):
        override = row.cells
        if not isinstance(override, ActivityPointOverride):
            continue
        by, on = override.approved_by, override.approved_on
        if by is not None and by.lower() == override.requested_by.lower():
            yield _warning(
                files[name],
                row.line,
                "approved_by",
                by,
                "the requester: it is rejected",
                "have somebody else approve it",
            )
        elif (by is None) != (on is None):
            column = "approved_by" if by is None else "approved_on"
            yield _warning(
                files[name],
                row.line,
                column,
                "",
                "missing, so that it stays pending",
                "fill both cells of the approval",
            )
        elif on is not None and override.task_id is not None and override.override_type != "adjust_amount":
            earlier = approved.setdefault((override.task_id.lower(), on), row.line)
            if earlier != row.line:
                yield _warning(
                    files[name],
                    row.line,
                    "task_id",
                    override.task_id,
                    f"corrected in row {earlier} too, approved on the same day",
                    "the greater override_id applies: take one of the two out if that is not meant",
                )
        if override.override_type == "adjust_amount" and override.task_id is not None:
            yield _warning(
                files[name],
                row.line,
                "task_id",
                override.task_id,
                "not used by adjust_amount",
                "empty it, or use set_amount",
            )


def _text_rules(tables: Tables, files: Files) -> Iterator[SeedProblem]:
    for name in ("environment_rules", "task_category_rules"):
        precedences: dict[int, int] = {}
        for row in tables.get(name, ()):
            rule = row.cells
            if not isinstance(rule, EnvironmentRule | TaskCategoryRule):
                continue
            earlier = precedences.setdefault(rule.precedence, row.line)
            if earlier != row.line:
                yield _warning(
                    files[name],
                    row.line,
                    "precedence",
                    rule.precedence,
                    f"the same as in row {earlier}",
                    "the lower rule_id is tried first: give each its own",
                )
            if re.search(rule.pattern, "") and rule.pattern not in (".*", "^.*$", "^.*", ".*$"):
                yield _warning(
                    files[name],
                    row.line,
                    "pattern",
                    rule.pattern,
                    "found in every text, even an empty one",
                    "take out an empty alternative (a | at an end) or a ? or * too many; write .* if that is meant",
                )


def _tier_rates(tables: Tables, files: Files) -> Iterator[SeedProblem]:
    by_tier: dict[str, list[tuple[int, TierRate]]] = defaultdict(list)
    for row in tables.get("tier_rates", ()):
        if isinstance(row.cells, TierRate):
            by_tier[row.cells.tier].append((row.line, row.cells))
    for rates in by_tier.values():
        rates.sort(key=lambda pair: pair[1].valid_from)
        line, last = rates[-1]
        if last.valid_to is not None:
            yield _warning(
                files["tier_rates"],
                line,
                "valid_to",
                last.valid_to,
                "the end of the tier's last rate: work from then on is worth nothing",
                "add the rate that follows, or empty the cell",
            )
        for (_, earlier), (line, later) in itertools.pairwise(rates):
            if _jumps(earlier.rate_gbp_per_point, later.rate_gbp_per_point):
                yield _warning(
                    files["tier_rates"],
                    line,
                    "rate_gbp_per_point",
                    later.rate_gbp_per_point,
                    f"more than {_JUMP} times off the rate before it ({earlier.rate_gbp_per_point})",
                    "look for a decimal point in the wrong place",
                )


def _exchange_rates(tables: Tables, files: Files) -> Iterator[SeedProblem]:
    by_currency: dict[str, list[tuple[int, ExchangeRate]]] = defaultdict(list)
    for row in tables.get("fx_rates", ()):
        if isinstance(row.cells, ExchangeRate):
            by_currency[row.cells.currency_code].append((row.line, row.cells))
    for rates in by_currency.values():
        rates.sort(key=lambda pair: pair[1].month)
        for (_, earlier), (line, later) in itertools.pairwise(rates):
            months = (later.month.year - earlier.month.year) * 12 + later.month.month - earlier.month.month
            if months > 1:
                yield _warning(
                    files["fx_rates"],
                    line,
                    "month",
                    later.month,
                    f"{months} months after the {earlier.currency_code} rate before it",
                    "add the months between: amounts of a month without a rate are left out",
                )
            if _jumps(earlier.rate_to_reporting, later.rate_to_reporting):
                yield _warning(
                    files["fx_rates"],
                    line,
                    "rate_to_reporting",
                    later.rate_to_reporting,
                    f"more than {_JUMP} times off the month before ({earlier.rate_to_reporting})",
                    "look for a decimal point in the wrong place, or a rate turned upside down",
                )


def _thresholds(tables: Tables, files: Files) -> Iterator[SeedProblem]:
    limits = {
        (row.cells.domain, row.cells.severity): (row.line, row.cells)
        for row in tables.get("variance_thresholds", ())
        if isinstance(row.cells, VarianceThreshold)
    }
    for domain in sorted({domain for domain, _ in limits}):
        known = [limits[domain, severity] for severity in SEVERITIES if (domain, severity) in limits]
        for (_, milder), (line, worse) in itertools.pairwise(known):
            if worse.min_pct < milder.min_pct or worse.min_amount < milder.min_amount:
                yield _warning(
                    files["variance_thresholds"],
                    line,
                    "severity",
                    worse.severity,
                    f"reached sooner than {milder.severity}",
                    "a worse severity has the greater min_pct and min_amount",
                )


def _closes(tables: Tables, files: Files) -> Iterator[SeedProblem]:
    for row in tables.get("period_closes", ()):
        close = row.cells
        if isinstance(close, PeriodClose) and close.closed_on.replace(day=1) <= close.period:
            yield _warning(
                files["period_closes"],
                row.line,
                "closed_on",
                close.closed_on,
                "before the month is over",
                "what is still done in the month will show as restated: close it after its last day",
            )


def _jumps(before: object, after: object) -> bool:
    low, high = sorted((float(str(before)), float(str(after))))
    return low > 0 and high > _JUMP * low


WARNINGS: tuple[Callable[[Tables, Files], Iterator[SeedProblem]], ...] = (
    _overrides,
    _text_rules,
    _tier_rates,
    _exchange_rates,
    _thresholds,
    _closes,
)
