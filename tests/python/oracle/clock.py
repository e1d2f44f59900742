"""Business time, walked minute by minute along the wall clock of a zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

EPOCH = datetime(1970, 1, 1)
Span = tuple[int, int]


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return (moment - EPOCH) // timedelta(seconds=1)


def moment(at: int) -> datetime:
    return EPOCH + timedelta(seconds=at)


def minute_of_day(wall_clock: str) -> int:
    hours, minutes = wall_clock.split(":")[:2]
    return int(hours) * 60 + int(minutes)


class Calendar:
    """A UTC minute is open when the local wall clock lies in a window of that local weekday and the day is no holiday.

    Reading: a window holds its opening minute and not its closing one.
    Reading: where clocks go back, the hour that is lived twice counts twice.
    """

    LONGEST = timedelta(days=366 * 40)

    def __init__(
        self,
        zone: str,
        windows: Iterable[tuple[int, str, str]],
        holidays: Iterable[date],
        first: datetime,
        last: datetime,
    ) -> None:
        self.zone = ZoneInfo(zone)
        self.windows = [(day, minute_of_day(opens), minute_of_day(closes)) for day, opens, closes in windows]
        self.holidays = np.array(sorted(set(holidays)), dtype="datetime64[D]")
        self.first = first.replace(second=0, microsecond=0)
        self._walk(last)

    def _walk(self, last: datetime) -> None:
        self.last = last
        utc = pd.date_range(self.first, last, freq="min", tz="UTC")
        local = utc.tz_convert(self.zone).tz_localize(None).to_numpy().astype("datetime64[m]")
        days = local.astype("datetime64[D]")
        weekday = (days.astype(np.int64) + 3) % 7 + 1
        minute = (local - days.astype("datetime64[m]")).astype(np.int64)
        is_open = np.zeros(len(local), dtype=bool)
        for day, opens, closes in self.windows:
            is_open |= (weekday == day) & (minute >= opens) & (minute < closes)
        is_open &= ~np.isin(days, self.holidays)
        self.start = seconds(self.first)
        self.is_open = is_open
        self.total = np.concatenate([[0], np.cumsum(is_open, dtype=np.int64)]) * 60

    def open_until(self, at: int) -> int:
        """Open seconds from the beginning of the walk."""
        number, rest = divmod(at - self.start, 60)
        return int(self.total[number]) + (rest if rest and self.is_open[number] else 0)

    def between(self, begin: int, end: int) -> int:
        """Open seconds from one moment to another; none where the other is not later."""
        return self.open_until(end) - self.open_until(begin) if end > begin else 0

    def used_up(self, begin: int, amount: int, pauses: list[Span]) -> datetime | None:
        """The first moment by which so many open seconds have passed outside the pauses; None when that never comes."""
        cursor = begin
        for pause_begin, pause_end in [*pauses, (None, None)]:
            if amount <= 0:
                break
            if pause_begin is None or pause_end is None:
                return self._walk_forward(cursor, amount)
            if pause_end <= cursor:
                continue
            run = self.between(cursor, pause_begin)
            if amount <= run:
                return self._walk_forward(cursor, amount)
            amount -= run
            cursor = pause_end
        return moment(cursor)

    def _walk_forward(self, begin: int, amount: int) -> datetime | None:
        while True:
            goal = self.open_until(begin) + amount
            if goal <= self.total[-1]:
                number = int(np.searchsorted(self.total, goal, side="left"))
                return moment(self.start + number * 60 - int(self.total[number] - goal))
            if not self.windows or self.last - self.first > self.LONGEST:
                return None
            self._walk(self.last + max(timedelta(days=370), self.last - self.first))


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time as spans in order that do not touch."""
    result: list[Span] = []
    for begin, end in sorted(span for span in spans if span[1] > span[0]):
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((begin, end))
    return result
