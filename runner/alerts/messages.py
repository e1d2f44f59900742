"""One message, the same for every channel: its items are grouped by subject and put in order; a channel renders it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Literal

from runner.alerts.changes import Facts, Kind
from runner.alerts.ledger import Ledger, Message, stamp
from runner.figures import text

Tone = Literal["critical", "warning", "info", "resolved"]
TONES: tuple[Tone, ...] = ("critical", "warning", "info", "resolved")

REPEAT = "Repeat: an earlier delivery broke off while this was being sent, so you may have it already."

# Slack takes 50 blocks a message, Teams 28 KB.
_MOST_ITEMS = 15
_MOST_CHARACTERS = 8_000
# What comes after so many alerts of a domain is counted instead of listed: nobody reads on, and Slack takes one message
# a second.
_MOST_LISTED = 60

_KINDS: tuple[Kind, ...] = ("new", "worsened", "escalated", "resolved")
_TITLES = {"msp": "MSP", "revenue": "Revenue", "support": "Support", "operations": "Operations"}


@dataclass(frozen=True)
class Item:
    """One piece of news about one condition."""

    reference: str
    """A17: what people acknowledge and snooze it by; the same for as long as the condition is known."""
    alert_key: str
    kind: Kind
    tone: Tone
    headline: str
    """`critical, new`."""
    sentence: str
    """What is wrong, with the figures."""
    details: str
    """Rule, figure, limit, since when, and what was told before."""


@dataclass(frozen=True)
class Letter:
    """A message ready to be rendered."""

    identity: str
    """The same for every repeat of the message, and for no other message."""
    title: str
    as_of: str
    is_repeat: bool
    items: Sequence[Item]

    @property
    def summary(self) -> str:
        """The counts in words: `2 critical new, 1 resolved`."""
        return ", ".join(
            f"{len(list(group))} {headline}"
            for headline, group in groupby(self.items, key=lambda item: item.headline.replace(",", ""))
        )

    def by_tone(self) -> Iterator[tuple[Tone, list[Item]]]:
        """The items by tone, the gravest first."""
        for tone in TONES:
            items = [item for item in self.items if item.tone == tone]
            if items:
                yield tone, items


def reference(condition_id: int) -> str:
    """Write the short name of a condition."""
    return f"A{condition_id}"


def group_due(ledger: Ledger, channel: str) -> list[list[int]]:
    """Put the notices of a channel that no message holds into groups, one message each; gives their ids."""
    ordered = sorted(((_sort_key(row), row) for row in ledger.due(channel)), key=lambda pair: pair[0])
    groups: list[list[int]] = []
    for _, of_domain in groupby(ordered, key=lambda pair: pair[0][0]):
        rows = [row for _, row in of_domain]
        counted = rows[_MOST_LISTED:] if len(rows) > _MOST_LISTED + _MOST_ITEMS else []
        length = items = 0
        groups.append([])
        for row in rows[: len(rows) - len(counted)]:
            size = len(Facts.model_validate_json(row["facts"]).condition.message) + 200
            if items and (items == _MOST_ITEMS or length + size > _MOST_CHARACTERS):
                groups.append([])
                length = items = 0
            groups[-1].append(row["notice_id"])
            length, items = length + size, items + 1
        groups.append([row["notice_id"] for row in counted])
    return [group for group in groups if group]


def letter(ledger: Ledger, message: Message, *, is_repeat: bool) -> Letter:
    """Write out a message."""
    ordered = sorted(message.notices, key=_sort_key)
    items = [_item(row) for row in ordered]
    counted = f"{len(items):,} alerts" if len(items) > 1 else "1 alert"
    if len(items) > _MOST_ITEMS:
        counted = f"{len(items):,} further alerts"
        items = _counted(items)
    domain = Facts.model_validate_json(ordered[0]["facts"]).condition.domain
    newest = max(row["as_of"] for row in ordered)
    return Letter(
        identity=f"{ledger.ledger_id}.{message.message_id}",
        title=f"tieout {_TITLES.get(domain, domain)}: {counted}",
        as_of=_moment(newest),
        is_repeat=is_repeat,
        items=items,
    )


def figure(measure: str, value: Any) -> str:
    """Write a figure of an alert; shares as percentages."""
    is_money = "gbp" in measure or "reporting" in measure
    written = text("share_pct" if "_pct" in measure else "figure", value)
    return written if is_money else written.removesuffix(".00")


def _sort_key(row: Any) -> tuple[Any, ...]:
    condition = Facts.model_validate_json(row["facts"]).condition
    tone = "resolved" if row["kind"] == "resolved" else condition.severity
    return (condition.domain, TONES.index(tone), _KINDS.index(row["kind"]), condition.rule, row["notice_id"])


def _item(row: Any) -> Item:
    facts = Facts.model_validate_json(row["facts"])
    condition = facts.condition
    details = [condition.rule.replace("_", " ")]
    if condition.observed is not None:
        limit = "" if condition.threshold is None else f" (limit {figure(condition.measure, condition.threshold)})"
        details.append(f"{_words(condition.measure)} {figure(condition.measure, condition.observed)}{limit}")
    details.append(f"since {_moment(stamp(facts.first_seen))}")
    if row["kind"] == "worsened":
        before = [facts.told_severity or ""]
        if facts.told_observed is not None:
            before.append(figure(condition.measure, facts.told_observed))
        details.append(f"announced as {' '.join(before)}")
    if row["kind"] == "escalated":
        details.append(f"not acknowledged for {facts.hours} hours or more")
    if row["kind"] == "new" and facts.episode > 1:
        details.append(f"for the {_ordinal(facts.episode)} time")
    is_over = row["kind"] == "resolved"
    sentence = " ".join(condition.message.split())
    return Item(
        reference=reference(row["condition_id"]),
        alert_key=row["alert_key"],
        kind=row["kind"],
        tone="resolved" if is_over else condition.severity,
        headline="resolved" if is_over else f"{condition.severity}, {row['kind']}",
        sentence=f"No longer so: {sentence}" if is_over else sentence,
        details=" · ".join(details),
    )


def _counted(items: Sequence[Item]) -> list[Item]:
    """One item for all that have the same headline and rule."""
    groups: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        groups.setdefault((item.headline, item.details.partition(" · ")[0]), []).append(item)
    return [
        replace(
            group[0],
            reference=group[0].reference if len(group) == 1 else f"{group[0].reference} to {group[-1].reference}",
            sentence=group[0].sentence if len(group) == 1 else f"{len(group):,} of them, such as: {group[0].sentence}",
            details=rule if len(group) > 1 else group[0].details,
        )
        for (_, rule), group in groups.items()
    ]


def _words(measure: str) -> str:
    return measure.removesuffix("_pct").replace("_pct ", " ").replace("_", " ").replace(" gbp", " GBP")


def _moment(text_of_moment: str) -> str:
    return text_of_moment.replace("T", " ").removesuffix("Z") + " UTC"


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
