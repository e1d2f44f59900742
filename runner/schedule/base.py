"""What a scheduler can do, and how its programs are called."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Protocol

from runner.errors import TieoutError
from runner.schedule.entry import Entry

_SECONDS = 60


class Scheduler(Protocol):
    """A program of the machine that starts others at given times."""

    kind: str
    """What `--with` calls it."""
    advice: str
    """What the user should know of it."""

    def rendered(self, entry: Entry) -> str:
        """Write out exactly what would be installed; nothing of the machine is read or changed.

        Raises:
            SettingError: the entry cannot be written for this scheduler.
        """

    def owner_mark(self, entry: Entry) -> str:
        """The part of what is rendered that says which project folder it belongs to."""

    def installed(self, name: str) -> str | None:
        """What is installed under a name; None where nothing is.

        Raises:
            TieoutError: the scheduler cannot be asked.
        """

    def install(self, entry: Entry) -> None:
        """Put the entry in place of what has its name.

        Raises:
            TieoutError: the scheduler refused.
        """

    def remove(self, name: str) -> None:
        """Take what is installed under a name away.

        Raises:
            TieoutError: the scheduler refused.
        """


def call(command: Sequence[str], given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Call a program of the scheduler; its exit code is for the caller to judge.

    Raises:
        TieoutError: it is not there, or says nothing.
    """
    try:
        return subprocess.run(  # noqa: S603 (programs of the system, arguments of ours)
            command, input=given, capture_output=True, timeout=_SECONDS, check=False
        )
    except FileNotFoundError:
        raise TieoutError(
            f"This machine has no {command[0]}: choose another scheduler by --with cron, systemd or windows."
        ) from None
    except subprocess.TimeoutExpired:
        raise TieoutError(f"{command[0]} did not answer within {_SECONDS} seconds: try again.") from None


def said(done: subprocess.CompletedProcess[bytes]) -> str:
    """The first line of what a program said, errors first."""
    text = (done.stderr or done.stdout).decode(errors="replace")
    return next(
        (line.strip().rstrip(".") for line in text.splitlines() if line.strip()), f"exit code {done.returncode}"
    )
