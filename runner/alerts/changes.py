"""What is news: an observation held against the ledger. Judges what was computed; computes no figure itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel

from runner.alerts.conditions import SEVERITY_RANK, Condition, Observation
from runner.alerts.ledger import Ledger, moment, stamp
from runner.alerts.routes import routes_of
from runner.seed_rows import AlertRoute

Kind = Literal["new", "worsened", "escalated", "resolved"]

WORSE_BY = Decimal("1.25")
"""A figure that has grown to so many times what was told is worse; a case that ages from 81% to 83% is no news."""


class Facts(BaseModel):
    """A notice's figures as they stood when it became due."""

    condition: Condition
    first_seen: datetime
    episode: int
    told_severity: str | None = None
    told_observed: Decimal | None = None
    hours: int | None = None
    """Age at which it escalated."""


@dataclass(frozen=True)
class Evaluation:
    """What an observation came to."""

    is_outdated: bool
    """It looks at an earlier moment than the last one evaluated; nothing was judged."""
    unrouted: Sequence[str] = ()
    """Keys of conditions that nobody is to be told of."""


def evaluate(ledger: Ledger, observation: Observation, routes: Sequence[AlertRoute]) -> Evaluation:
    """Bring the ledger up to an observation, and make a notice of everything somebody is to be told.

    The same observation twice makes no second notice. Call it in a transaction.
    """
    as_of = observation.as_of
    if observation.origin == "mart":
        # What a run reports of itself is always of now, whatever moment its figures look at.
        last = ledger.one("select as_of from evaluation")
        if last is not None and as_of < moment(last["as_of"]):
            return Evaluation(is_outdated=True)
        ledger.execute("delete from evaluation")
        ledger.execute("insert into evaluation values (?)", stamp(as_of))
    unrouted = []
    for condition in observation.conditions:
        _seen(ledger, condition, observation)
        if not _judge(ledger, condition, as_of, routes):
            unrouted.append(condition.alert_key)
    _resolve(ledger, observation)
    return Evaluation(is_outdated=False, unrouted=unrouted)


def _seen(ledger: Ledger, condition: Condition, observation: Observation) -> None:
    as_of = stamp(observation.as_of)
    before = ledger.one("select * from condition where alert_key = ?", condition.alert_key)
    facts = condition.model_dump_json()
    if before is None:
        ledger.execute(
            """
            insert into condition
                (alert_key, origin, facts, severity, data_domain, episode, first_seen, last_seen)
            values (?, ?, ?, ?, ?, 1, ?, ?)
            """,
            *(condition.alert_key, observation.origin, facts, condition.severity, condition.data_domain, as_of, as_of),
        )
        return
    if before["resolved_at"] is not None:
        ledger.execute(
            """
            update condition set
                episode = episode + 1, first_seen = ?, resolved_at = null, told_severity = null, told_observed = null,
                acknowledged_severity = null, acknowledged_by = null
            where alert_key = ?
            """,
            as_of,
            condition.alert_key,
        )
    ledger.execute(
        "update condition set origin = ?, facts = ?, severity = ?, data_domain = ?, last_seen = ? where alert_key = ?",
        *(observation.origin, facts, condition.severity, condition.data_domain, as_of, condition.alert_key),
    )


def _judge(ledger: Ledger, condition: Condition, as_of: datetime, routes: Sequence[AlertRoute]) -> bool:
    """Make the notices a condition calls for; tells whether anybody is to be told of it at all."""
    (row,) = ledger.rows("select * from condition where alert_key = ?", condition.alert_key)
    fitting = routes_of(routes, condition)
    channels = {route.channel.lower() for route in fitting}
    if not channels:
        return False
    if row["snoozed_until"] is not None and as_of < moment(row["snoozed_until"]):
        return True
    is_more_severe = _rank(condition.severity) > _rank(row["acknowledged_severity"])
    is_acknowledged = row["acknowledged_severity"] is not None and not is_more_severe
    if row["told_severity"] is None:
        _tell(ledger, row, "new", channels, as_of, condition)
        _remember_told(ledger, row, condition)
    elif not is_acknowledged and _is_worse(condition, row):
        _tell(ledger, row, "worsened", channels | _told_channels(ledger, row), as_of, condition)
        _remember_told(ledger, row, condition)
    if is_acknowledged:
        return True
    age = as_of - moment(row["first_seen"])
    for route in fitting:
        hours = route.escalate_after_hours
        if hours is not None and route.escalate_to and age >= timedelta(hours=hours):
            _tell(ledger, row, "escalated", {route.escalate_to.lower()}, as_of, condition, hours=hours)
    return True


def _is_worse(condition: Condition, row: Any) -> bool:
    if _rank(condition.severity) > _rank(row["told_severity"]):
        return True
    if condition.observed is None or row["told_observed"] is None or condition.severity != row["told_severity"]:
        return False
    now, told = abs(condition.observed), abs(Decimal(row["told_observed"]))
    # What is wrong below its bound (a score) gets worse downwards; a variance counts by size, whatever its sign.
    is_floor = condition.threshold is not None and told < condition.threshold
    return now * WORSE_BY <= told if is_floor else now > told and now >= told * WORSE_BY


def _remember_told(ledger: Ledger, row: Any, condition: Condition) -> None:
    ledger.execute(
        """
        update condition set
            told_severity = ?, told_observed = ?, acknowledged_severity = null, acknowledged_by = null
        where condition_id = ?
        """,
        condition.severity,
        None if condition.observed is None else str(condition.observed),
        row["condition_id"],
    )


def _told_channels(ledger: Ledger, row: Any) -> set[str]:
    told = ledger.rows(
        "select distinct channel from notice where condition_id = ? and episode = ? and kind <> 'resolved'",
        *(row["condition_id"], row["episode"]),
    )
    return {notice["channel"] for notice in told}


def _tell(
    ledger: Ledger,
    row: Any,
    kind: Kind,
    channels: set[str],
    as_of: datetime,
    condition: Condition,
    *,
    hours: int | None = None,
) -> None:
    facts = Facts(
        condition=condition,
        first_seen=moment(row["first_seen"]),
        episode=row["episode"],
        told_severity=row["told_severity"],
        told_observed=row["told_observed"],
        hours=hours,
    ).model_dump_json()
    # Within an episode it can get worse several times, and does each other thing once.
    step = stamp(as_of) if kind == "worsened" else ""
    for channel in sorted(channels):
        ledger.execute(
            """
            insert into notice (condition_id, episode, kind, step, channel, as_of, facts) values (?, ?, ?, ?, ?, ?, ?)
            on conflict (condition_id, episode, kind, step, channel) do nothing
            """,
            *(row["condition_id"], row["episode"], kind, step, channel, stamp(as_of), facts),
        )


def _resolve(ledger: Ledger, observation: Observation) -> None:
    seen = {condition.alert_key for condition in observation.conditions}
    for row in ledger.rows(
        "select * from condition where resolved_at is null and origin = ? order by condition_id", observation.origin
    ):
        if row["alert_key"] in seen or row["data_domain"] not in observation.data_domains:
            continue
        condition = Condition.model_validate_json(row["facts"])
        ledger.execute(
            "update condition set resolved_at = ? where condition_id = ?",
            stamp(observation.as_of),
            row["condition_id"],
        )
        _tell(ledger, row, "resolved", _told_channels(ledger, row), observation.as_of, condition)


def _rank(severity: str | None) -> int:
    return SEVERITY_RANK.get(severity or "", 0)
