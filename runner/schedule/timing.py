"""When a scheduled run starts, on the wall clock of the machine: every so many minutes or hours, or once a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from runner.errors import SettingError

_LENGTH = re.compile(r"(\d{1,3})\s*(m|min|h)")
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True)
class Every:
    """Starts at equal distances from midnight; the distance divides an hour, or a day into whole hours."""

    minutes: int

    def __str__(self) -> str:
        if self.minutes % 60:
            return "every minute" if self.minutes == 1 else f"every {self.minutes} minutes"
        return "every hour" if self.minutes == 60 else f"every {self.minutes // 60} hours"


@dataclass(frozen=True)
class Daily:
    """Starts once a day."""

    at: time

    def __str__(self) -> str:
        return f"every day at {self.at:%H:%M}"


Timing = Every | Daily


def parse_timing(every: str | None, daily: str | None) -> Timing:
    """Read `--every` (15m, 2h) or `--daily` (06:00).

    Raises:
        SettingError: not exactly one is given, or it cannot be read or kept by every scheduler.
    """
    if (every is None) == (daily is None):
        raise SettingError("When is it to run? Give either --every (like 15m) or --daily (like 06:00).")
    if daily is not None:
        try:
            hour, minute = re.fullmatch(r"(\d{1,2}):(\d{2})", daily.strip()).groups()  # type: ignore[union-attr]
            return Daily(time(int(hour), int(minute)))
        except (AttributeError, ValueError):
            raise SettingError(f"--daily is '{daily}', which is no time of day: write it like 06:00.") from None
    minutes = minutes_of(every or "", "--every")
    if not minutes or (_MINUTES_A_DAY % minutes if minutes % 60 == 0 else 60 % minutes) or minutes >= _MINUTES_A_DAY:
        raise SettingError(
            f"--every is '{every}': give minutes that divide an hour (5m, 15m, 30m), hours that divide a day "
            "(1h, 2h, 12h), or --daily."
        )
    return Every(minutes)


def minutes_of(text: str, option: str) -> int:
    """Read a length of time like 15m or 4h, in minutes.

    Raises:
        SettingError: it is none.
    """
    found = _LENGTH.fullmatch(text.strip().lower())
    if not found:
        raise SettingError(f"{option} is '{text}', which is no length of time: write it like 15m or 4h.")
    return int(found[1]) * (60 if found[2] == "h" else 1)
