"""What support looks like over time and across regions, priorities and queues, beyond section 4.3."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from math import ceil
from statistics import median

import pandas as pd

from .clock import seconds
from .exact import ratio, rounded
from .inputs import Inputs, Row, Settings, code, frame

DAY = timedelta(days=1)
DONE = {"RESOLVED", "CLOSED"}
WAITING = {"PENDING", "ON_HOLD"}
Series = tuple[str, str]


def compute(inputs: Inputs, settings: Settings, cases: list[Row], sla: list[Row]) -> dict[str, pd.DataFrame]:
    predicted = _predicted_breaches(inputs, settings, sla)
    return {
        "backlog_spike_by_dimension": _spikes(settings, cases),
        "backlog_history": _history(settings, cases),
        "response_time_summary": _response_times(settings, sla),
        "reopen_summary": _reopened(inputs, settings, cases),
        "sla_predicted_breaches": frame(
            predicted,
            [
                "breach_rank",
                "case_id",
                "metric",
                "priority",
                "region",
                "queue",
                "sla_status",
                "used_pct",
                "minutes_left",
                "due_at",
                "hours_until_due",
                "is_paused",
            ],
        ),
        "sla_risk_summary": _risk_summary(sla, predicted),
    }


def _series_of(case: Row) -> Iterator[Series]:
    yield "total", "all"
    for dimension in ("region", "priority", "queue"):
        yield dimension, case[dimension]


def _in_series(rows: list[Row], *always: Series) -> dict[Series, list[Row]]:
    by_series: dict[Series, list[Row]] = defaultdict(list, {series: [] for series in always})
    for row in rows:
        for series in _series_of(row):
            by_series[series].append(row)
    return by_series


class _Backlog:
    """Open cases of a series at the end of any UTC day; one resolved before its creation was never open."""

    def __init__(self, cases: list[Row]) -> None:
        self._created = sorted(case["created_at"] for case in cases)
        self._left = sorted(max(case["resolution"], case["created_at"]) for case in cases if case["resolution"])

    def on(self, day: date) -> int:
        last = datetime.combine(day, time.max)
        return bisect_right(self._created, last) - bisect_right(self._left, last)


def _spikes(settings: Settings, cases: list[Row]) -> pd.DataFrame:
    days = settings.backlog_baseline_days
    rows = []
    for (dimension, value), members in _in_series(cases, ("total", "all")).items():
        backlog = _Backlog(members)
        before = sum(backlog.on(settings.today - back * DAY) for back in range(1, days + 1))
        today = backlog.on(settings.today)
        rows.append(
            {
                "day": settings.today,
                "dimension": dimension,
                "dimension_value": value,
                "open_backlog": today,
                "baseline_backlog": Fraction(before, days),
                "growth_pct": ratio(today * days - before, before),
                "is_spike": before > 0
                and Fraction(today * days - before, before) > Fraction(settings.backlog_spike_threshold),
            }
        )
    return frame(rows, list(rows[0]))


def _history(settings: Settings, cases: list[Row]) -> pd.DataFrame:
    """Each day beside the same weekdays before it, as far as the feed goes back."""
    first = min((case["created_at"].date() for case in cases), default=date.max)
    weeks = settings.anomaly_baseline_weeks
    rows = []
    for (dimension, value), members in _in_series(cases, ("total", "all")).items():
        backlog = _Backlog(members)
        created = Counter(case["created_at"].date() for case in members)
        resolved = Counter(case["resolution"].date() for case in members if case["resolution"])
        for back in range(settings.backlog_history_days):
            day = settings.today - back * DAY
            before = [backlog.on(day - week * 7 * DAY) for week in range(1, weeks + 1) if day - week * 7 * DAY >= first]
            middle = median([Fraction(count) for count in before]) if before else None
            spread = None if middle is None else median([abs(count - middle) for count in before])
            score = None
            if middle is not None and spread is not None and 2 * len(before) >= weeks:
                score = rounded(Fraction(6745, 10000) * (backlog.on(day) - middle) / max(spread, Fraction(1)), places=4)
            rows.append(
                {
                    "day": day,
                    "dimension": dimension,
                    "dimension_value": value,
                    "created": created[day],
                    "resolved": resolved[day],
                    "open_backlog": backlog.on(day),
                    "baseline_days": len(before),
                    "median_backlog": None if middle is None else rounded(middle, 1),
                    "median_absolute_deviation": None if spread is None else rounded(spread, 2),
                    "anomaly_score": score,
                    "is_anomaly": score is not None and abs(score) > settings.anomaly_score_threshold,
                }
            )
    return frame(rows, list(rows[0]))


def _response_times(settings: Settings, sla: list[Row]) -> pd.DataFrame:
    since = settings.as_of - settings.kpi_window_days * DAY
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in sla:
        if row["done_at"] is not None and row["done_at"] > since:
            for dimension, value in _series_of(row):
                groups[(dimension, value, row["metric"])].append(row)
    rows = []
    for (dimension, value, metric), members in groups.items():
        minutes = sorted(row["elapsed_minutes"] for row in members)
        wall = [max(seconds(row["done_at"]) - seconds(row["created_at"]), 0) for row in members]
        rows.append(
            {
                "dimension": dimension,
                "dimension_value": value,
                "metric": metric,
                "case_count": len(members),
                **{
                    f"p{percent}_elapsed_hours": minutes[ceil(Fraction(percent * len(minutes), 100)) - 1] / 60
                    for percent in (50, 90, 95)
                },
                "mean_elapsed_hours": sum(minutes) / (60 * len(members)),
                "mean_wall_hours": Fraction(sum(wall), 3600 * len(members)),
            }
        )
    columns = "dimension dimension_value metric case_count p50_elapsed_hours p90_elapsed_hours p95_elapsed_hours"
    return frame(rows, [*columns.split(), "mean_elapsed_hours", "mean_wall_hours"])


def _reopened(inputs: Inputs, settings: Settings, cases: list[Row]) -> pd.DataFrame:
    """Reading: a case was reopened where its own count says so, or, where it has none, its usable events by as_of."""
    created = {case["key"]: case["created_at"] for case in cases}
    logs: dict[str, list[tuple[datetime, str, str]]] = defaultdict(list)
    for event in inputs.rows("support_case_events"):
        key, status, at = code(event["case_id"]) or "", code(event["case_status"]), event["occurred_at"]
        if key not in created or at is None or at < created[key]:
            continue
        if status in DONE | WAITING | {"NEW", "OPEN"}:
            logs[key].append((at, event["key"], status or ""))
    since = settings.as_of - settings.kpi_window_days * DAY

    def is_reopened(case: Row) -> bool:
        if case["reopened_count"] is not None:
            return bool(case["reopened_count"] > 0)
        log = sorted(logs[case["key"]])
        return any(
            before in DONE and status not in DONE and at <= settings.as_of
            for (_, _, before), (at, _, status) in pairwise(log)
        )

    resolved = [case for case in cases if case["resolution"] is not None and case["resolution"] > since]
    rows = []
    for (dimension, value), members in _in_series(resolved).items():
        reopened = sum(is_reopened(case) for case in members)
        rows.append(
            {
                "dimension": dimension,
                "dimension_value": value,
                "resolved_cases": len(members),
                "reopened_cases": reopened,
                "reopen_rate": ratio(reopened, len(members)),
            }
        )
    return frame(rows, ["dimension", "dimension_value", "resolved_cases", "reopened_cases", "reopen_rate"])


def _predicted_breaches(inputs: Inputs, settings: Settings, sla: list[Row]) -> list[Row]:
    """Reading: a case waits where the last event seen entered pending or on_hold; first response never waits."""
    last: dict[str, tuple[datetime, str, str | None]] = {}
    for event in inputs.rows("support_case_events"):
        at, key = event["occurred_at"], code(event["case_id"]) or ""
        if at is not None and at <= settings.as_of:
            entry = (at, event["key"], code(event["case_status"]))
            if key not in last or entry[:2] > last[key][:2]:
                last[key] = entry
    until = settings.as_of + timedelta(hours=settings.breach_outlook_hours)
    rows = []
    for row in sla:
        if row["sla_status"] in ("open_on_track", "open_at_risk") and row["due_at"] and row["due_at"] <= until:
            left = max(seconds(row["due_at"]) - seconds(settings.as_of), 0)
            is_paused = row["metric"] == "resolution" and row["key"] in last and last[row["key"]][2] in WAITING
            rows.append({**row, "hours_until_due": Fraction(left, 3600), "is_paused": is_paused})
    rows.sort(
        key=lambda row: (row["is_paused"], row["hours_until_due"], row["minutes_left"], row["key"], row["metric"])
    )
    return [{**row, "breach_rank": number} for number, row in enumerate(rows, start=1)]


def _risk_summary(sla: list[Row], predicted: list[Row]) -> pd.DataFrame:
    waiting = {(row["key"], row["metric"]): row["is_paused"] for row in predicted}
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in sla:
        if row["sla_status"].startswith("open_"):
            groups[(row["region"], row["queue"], row["metric"])].append(row)
    rows = []
    for (region, queue, metric), members in groups.items():
        alive = [row for row in members if row["sla_status"] != "open_breached"]
        due = [waiting[(row["key"], metric)] for row in members if (row["key"], metric) in waiting]
        rows.append(
            {
                "region": region,
                "queue": queue,
                "metric": metric,
                "open_promises": len(members),
                "at_risk": sum(row["sla_status"] == "open_at_risk" for row in members),
                "predicted_breaches": due.count(False),
                "paused_and_due": due.count(True),
                "open_breached": len(members) - len(alive),
                "least_minutes_left": min((row["minutes_left"] for row in alive), default=None),
                "next_due_at": min((row["due_at"] for row in alive if row["due_at"]), default=None),
            }
        )
    columns = "region queue metric open_promises at_risk predicted_breaches paused_and_due open_breached"
    return frame(rows, [*columns.split(), "least_minutes_left", "next_due_at"])
