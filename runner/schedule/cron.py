"""cron: a marked block at the top of the user's crontab. All other lines are kept byte for byte, and never read.

At the top, because a crontab may set SHELL, PATH or a time zone for the lines that follow.
"""

from __future__ import annotations

import os
import re
import shlex
import sys

from runner.errors import SettingError, TieoutError
from runner.schedule.base import call, said
from runner.schedule.entry import Entry
from runner.schedule.timing import Daily, Timing

# Debian's cron takes a command of 998 characters.
_LONGEST_LINE = 990
_NONE_YET = ("no crontab", "No such file")


class Cron:
    """The crontab of the user."""

    kind = "cron"
    advice = (
        "cron mails you what goes wrong before the log is open, and makes up for no run that the machine slept through."
    )

    def rendered(self, entry: Entry) -> str:
        """See `Scheduler.rendered`."""
        program = [str(entry.python), *entry.arguments]
        if sys.platform != "darwin":
            # A run that hangs would keep all later ones from starting.
            program = ["timeout", str(entry.limit_minutes * 60), *program]
        line = f"{_when(entry.timing)} cd {_word(str(entry.project_dir))} && exec {' '.join(map(_word, program))}"
        if len(line.encode()) > _LONGEST_LINE:
            raise SettingError("The paths are too long for a line of a crontab: move the project or its env file.")
        return f"{_begin(entry.name)}\n{self.owner_mark(entry)}# {entry.timing}\n{line}\n{_end(entry.name)}\n"

    def owner_mark(self, entry: Entry) -> str:
        """See `Scheduler.owner_mark`."""
        return f"# {entry.description}\n"

    def installed(self, name: str) -> str | None:
        """See `Scheduler.installed`."""
        found = _block(name).search(_read())
        return found[0] if found else None

    def install(self, entry: Entry) -> None:
        """See `Scheduler.install`."""
        _write(self.rendered(entry) + _block(entry.name).sub("", _read()))

    def remove(self, name: str) -> None:
        """See `Scheduler.remove`."""
        _write(_block(name).sub("", _read()))


def _when(timing: Timing) -> str:
    if isinstance(timing, Daily):
        return f"{timing.at.minute} {timing.at.hour} * * *"
    if timing.minutes % 60:
        return f"*/{timing.minutes} * * * *" if timing.minutes > 1 else "* * * * *"
    hours = timing.minutes // 60
    return f"0 */{hours} * * *" if hours > 1 else "0 * * * *"


def _word(text: str) -> str:
    """Quote for the shell and for cron, which ends a command at a bare % and takes a backslash before it away.

    The percent stands outside the quotes, so that the shell reads it right where a cron leaves the backslash.
    """
    return "\\%".join(shlex.quote(part) if part or "%" not in text else "" for part in text.split("%"))


def _begin(name: str) -> str:
    return f"# >>> {name}: written by 'tieout schedule', which takes away what is added here"


def _end(name: str) -> str:
    return f"# <<< {name}"


def _block(name: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(_begin(name))}\n.*?^{re.escape(_end(name))}(?:\n|\Z)", re.MULTILINE | re.DOTALL)


def _read() -> str:
    # The words of an empty crontab are looked for in English.
    done = call(["env", "LC_ALL=C", "crontab", "-l"]) if os.name == "posix" else call(["crontab", "-l"])
    if done.returncode and not any(words in done.stderr.decode(errors="replace") for words in _NONE_YET):
        raise TieoutError(f"The crontab cannot be read ({said(done)}): it is left as it is.")
    return "" if done.returncode else done.stdout.decode(errors="surrogateescape")


def _write(text: str) -> None:
    done = call(["crontab", "-"], text.encode(errors="surrogateescape"))
    if done.returncode:
        raise TieoutError(f"The crontab cannot be written ({said(done)}): it is left as it is.")
