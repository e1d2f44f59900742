"""Section 4.3: how fast support answers, and what waits."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from fractions import Fraction

import pandas as pd

from . import support_trends
from .clock import Calendar, Span, merged, seconds
from .exact import ratio
from .inputs import Inputs, Row, Settings, code, frame

DAY = timedelta(days=1)
STATUSES = ("new", "open", "pending", "on_hold", "resolved", "closed")
DONE = {"RESOLVED", "CLOSED"}
WAITING = {"PENDING", "ON_HOLD"}
UNKNOWN = "Unknown"


def compute(inputs: Inputs, settings: Settings) -> dict[str, pd.DataFrame]:
    """The marts of section 5 but for daily_ops_summary, and those on trends."""
    cases = existing_cases(inputs, settings)
    sla = sla_rows(inputs, settings, cases)
    return {
        "fct_support_case_sla": sla_frame(sla),
        "sla_at_risk_cases": frame(
            _ranked([row for row in sla if row["sla_status"] == "open_at_risk"]),
            ["risk_rank", "case_id", "metric", "priority", "region", "used_pct", "minutes_left", "due_at"],
        ),
        "sla_summary": _sla_summary(settings, sla),
        "backlog_summary": _backlog_summary(settings, cases),
        "volume_trend": _volume_trend(settings, cases),
        "backlog_spike_summary": _spike(settings, cases),
        **support_trends.compute(inputs, settings, cases, sla),
    }


def sla_frame(sla: list[Row]) -> pd.DataFrame:
    """The columns of fct_support_case_sla that are compared."""
    return frame(
        sla,
        [
            "case_id",
            "metric",
            "priority",
            "calendar_id",
            "target_minutes",
            "elapsed_minutes",
            "used_pct",
            "sla_status",
            "due_at",
            "minutes_left",
        ],
    )


def existing_cases(inputs: Inputs, settings: Settings) -> list[Row]:
    """Cases created by as_of, with what had happened to them by then.

    Reading: a case without created_at cannot be measured and is in no figure but the data quality marts.
    Reading: a recorded response or resolution counts as recorded even where a later closing would do; one after as_of
    leaves the case open, whatever else is recorded before as_of.
    Reading: a null priority reads `Unknown` too; any other is a code and shown in capitals.
    """
    cases = []
    for case in inputs.rows("support_cases"):
        if case["created_at"] is None or case["created_at"] > settings.as_of:
            continue
        resolution = None
        if code(case["case_status"]) in DONE:
            resolution = case["resolved_at"] if case["resolved_at"] is not None else case["closed_at"]
        response = case["first_responded_at"] if case["first_responded_at"] is not None else resolution
        cases.append(
            {
                **case,
                "priority_key": code(case["priority"]),
                "priority": code(case["priority"]) or UNKNOWN,
                "region": case["region"] or UNKNOWN,
                "queue": case["queue"] or UNKNOWN,
                "first_response": None if response is None or response > settings.as_of else response,
                "resolution": None if resolution is None or resolution > settings.as_of else resolution,
            }
        )
    return cases


def target_for(case: Row, metric: str, targets: list[Row]) -> Row | None:
    """The most specific target of the day the case was created."""
    day = case["created_at"].date()
    best, best_rank = None, (-1, -1)
    for target in targets:
        if code(target["metric"]) != code(metric) or target["valid_from"] > day:
            continue
        if target["valid_to"] is not None and target["valid_to"] <= day:
            continue
        if target["priority"] is not None and code(target["priority"]) != case["priority_key"]:
            continue
        if target["customer_tier"] is not None and code(target["customer_tier"]) != code(case["customer_tier"]):
            continue
        rank = (int(target["priority"] is not None), int(target["customer_tier"] is not None))
        if rank > best_rank:
            best, best_rank = target, rank
    return best


def pauses_of_cases(inputs: Inputs, settings: Settings) -> dict[str, list[Span]]:
    """When each case waited, up to as_of.

    Reading: a status lasts from its event to the next one of the case; an unknown status is neither waiting nor done.
    Reading: a reopening is the first event after a resolution whose status is not resolved or closed.
    Reading: an event after as_of is not seen, so until a reopening is seen the time since the resolution is not paused.
    Reading: events of one moment are ordered by event_id, compared case-blind by code point.
    """
    events: dict[str, list[Row]] = defaultdict(list)
    for event in inputs.rows("support_case_events"):
        at = event["occurred_at"]
        if at is not None and at <= settings.as_of and event["case_id"] is not None:
            events[event["case_id"].upper()].append(event)
    end = seconds(settings.as_of)
    pauses = {}
    for key, log in events.items():
        log.sort(key=lambda event: (event["occurred_at"], event["key"]))
        spans: list[Span] = []
        resolved_since: int | None = None
        for event, following in zip(log, [*log[1:], None], strict=True):
            status, at = code(event["case_status"]), seconds(event["occurred_at"])
            if status in WAITING:
                spans.append((at, end if following is None else seconds(following["occurred_at"])))
            if status in DONE:
                resolved_since = at if resolved_since is None else resolved_since
            elif resolved_since is not None:
                spans.append((resolved_since, at))
                resolved_since = None
        pauses[key] = merged((begin, min(until, end)) for begin, until in spans)
    return pauses


def calendars(inputs: Inputs, first: datetime, last: datetime) -> dict[str, Calendar]:
    windows: dict[str, list[Row]] = defaultdict(list)
    for row in inputs.seed("business_calendars"):
        windows[code(row["calendar_id"]) or ""].append(row)
    holidays: dict[str, list[date]] = defaultdict(list)
    for row in inputs.seed("calendar_holidays"):
        holidays[code(row["calendar_id"]) or ""].append(row["holiday_on"])
    return {
        key: Calendar(
            rows[0]["iana_timezone"],
            [(row["iso_weekday"], row["opens_at"], row["closes_at"]) for row in rows],
            holidays[key],
            first,
            last,
        )
        for key, rows in windows.items()
    }


def sla_rows(inputs: Inputs, settings: Settings, cases: list[Row]) -> list[Row]:
    """Reading: moments count in whole seconds.

    Reading: a response or resolution before the creation took no time.
    Reading: a pause that the events leave running ends with the resolution, and none begins after it: a resolved case
    does not wait, and its due_at no longer moves.
    Reading: wall time without a target is the time between the two moments, pauses and all.
    """
    if not cases:
        return []
    targets = inputs.seed("sla_targets")
    names = {code(row["calendar_id"]): row["calendar_id"] for row in inputs.seed("business_calendars")}
    pauses = pauses_of_cases(inputs, settings)
    clocks = calendars(inputs, min(case["created_at"] for case in cases) - DAY, settings.as_of + 60 * DAY)
    rows = []
    for case in cases:
        begin = seconds(case["created_at"])
        for metric in ("first_response", "resolution"):
            done = case[metric]
            end = seconds(settings.as_of if done is None else done)
            target = target_for(case, metric, targets)
            waits = pauses.get(case["key"], []) if metric == "resolution" else []
            waits = [(wait_begin, min(wait_end, end)) for wait_begin, wait_end in waits if wait_begin < end]
            row = {**case, "metric": metric, "done_at": done, "sla_status": "no_target"}
            if target is None:
                row |= {"calendar_id": None, "target_minutes": None, "used_pct": None, "due_at": None}
                row |= {"elapsed_minutes": Fraction(max(end - begin, 0), 60), "minutes_left": None}
            else:
                clock = clocks[code(target["calendar_id"]) or ""]
                elapsed = clock.between(begin, end) - sum(
                    clock.between(max(wait_begin, begin), wait_end) for wait_begin, wait_end in waits
                )
                allowed = target["target_minutes"] * 60
                row |= {
                    "calendar_id": names[code(target["calendar_id"])],
                    "target_minutes": target["target_minutes"],
                    "elapsed_minutes": Fraction(elapsed, 60),
                    "used_pct": ratio(elapsed, allowed),
                    "minutes_left": Fraction(allowed - elapsed, 60) if done is None else None,
                    "due_at": clock.used_up(begin, allowed, waits),
                    "sla_status": _status(done is not None, elapsed, allowed, settings),
                }
            rows.append(row)
    return rows


def _ranked(at_risk: list[Row]) -> list[Row]:
    """The promise with the fewest minutes left first."""
    ordered = sorted(at_risk, key=lambda row: (row["minutes_left"], row["due_at"], row["key"], row["metric"]))
    return [{**row, "risk_rank": number} for number, row in enumerate(ordered, start=1)]


def _status(is_done: bool, elapsed: int, allowed: int, settings: Settings) -> str:
    if is_done:
        return "met" if elapsed <= allowed else "breached"
    if elapsed > allowed:
        return "open_breached"
    return "open_at_risk" if elapsed >= settings.sla_risk_threshold * allowed else "open_on_track"


def _sla_summary(settings: Settings, sla: list[Row]) -> pd.DataFrame:
    """Reading: what has no target is a case neither met nor breached; compliance is met / (met + breached)."""
    since = settings.as_of - settings.kpi_window_days * DAY
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in sla:
        if row["done_at"] is not None and since < row["done_at"] <= settings.as_of:
            groups[(row["priority"], row["region"], row["metric"])].append(row)
    rows = []
    for (priority, region, metric), members in groups.items():
        statuses = Counter(row["sla_status"] for row in members)
        met, breached = statuses["met"], statuses["breached"]
        rows.append(
            {
                "priority": priority,
                "region": region,
                "metric": metric,
                "case_count": len(members),
                "met": met,
                "breached": breached,
                "compliance_pct": ratio(met, met + breached),
                "mean_elapsed_hours": sum(row["elapsed_minutes"] for row in members) / (60 * len(members)),
            }
        )
    columns = "priority region metric case_count met breached compliance_pct mean_elapsed_hours"
    return frame(rows, columns.split())


def _backlog_summary(settings: Settings, cases: list[Row]) -> pd.DataFrame:
    """Reading: 72 hours exactly are in 24-72h, as 24 hours exactly are in 0-24h."""
    groups: dict[tuple[str, str, str], list[timedelta]] = defaultdict(list)
    for case in cases:
        if case["resolution"] is not None:
            continue
        age = settings.as_of - case["created_at"]
        bucket = "0-24h" if age <= DAY else "24-72h" if age <= 3 * DAY else ">72h"
        groups[(case["region"], case["priority"], bucket)].append(age)
    rows = [
        {
            "region": region,
            "priority": priority,
            "aging_bucket": bucket,
            "open_cases": len(ages),
            "oldest_age_hours": Fraction(max(ages) // timedelta(seconds=1), 3600),
        }
        for (region, priority, bucket), ages in groups.items()
    ]
    return frame(rows, ["region", "priority", "aging_bucket", "open_cases", "oldest_age_hours"])


def backlog_on(day: date, cases: list[Row]) -> int:
    """Cases created by the end of a UTC day and not resolved by it."""
    end = datetime.combine(day + DAY, time())
    return sum(
        1 for case in cases if case["created_at"] < end and (case["resolution"] is None or case["resolution"] >= end)
    )


def _volume_trend(settings: Settings, cases: list[Row]) -> pd.DataFrame:
    created = Counter(case["created_at"].date() for case in cases)
    resolved = Counter(case["resolution"].date() for case in cases if case["resolution"] is not None)
    rows = []
    for back in reversed(range(settings.kpi_window_days)):
        day = settings.today - back * DAY
        rows.append(
            {
                "day": day,
                "created": created[day],
                "resolved": resolved[day],
                "net_change": created[day] - resolved[day],
                "open_backlog": backlog_on(day, cases),
            }
        )
    return frame(rows, ["day", "created", "resolved", "net_change", "open_backlog"])


def _spike(settings: Settings, cases: list[Row]) -> pd.DataFrame:
    """Reading: a baseline of 0 has no growth, and so no spike."""
    days = settings.backlog_baseline_days
    before = sum(backlog_on(settings.today - back * DAY, cases) for back in range(1, days + 1))
    today = backlog_on(settings.today, cases)
    row = {
        "day": settings.today,
        "open_backlog": today,
        "baseline_backlog": Fraction(before, days),
        "growth_pct": ratio(today * days - before, before),
        "is_spike": before > 0 and Fraction(today * days - before, before) > Fraction(settings.backlog_spike_threshold),
    }
    return frame([row], ["day", "open_backlog", "baseline_backlog", "growth_pct", "is_spike"])
