"""The ways a run can be refused; each message is one sentence that names the thing and the remedy."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SAYS_FULL = re.compile(
    r"no space left on device|(not|n't) enough (disk |free )?space|disk (is )?full|out of disk"
    r"|file too large|quota exceeded"
    # SQL Server: no room for an object, in the log of transactions.
    r"|could not allocate space for object|transaction log for database .* is full",
    re.IGNORECASE,
)
_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)


class TieoutError(Exception):
    """The command could not run; its text is shown to the user as it stands."""

    exit_code = 2


class BusyError(TieoutError):
    """Another run holds the warehouse or the output folder."""

    exit_code = 3


class SettingError(TieoutError):
    """An option or environment variable has a value that cannot be used."""


class BuildError(TieoutError):
    """The build broke off, or no table could be built."""


class NothingBuiltError(BuildError):
    """The build stopped before the first table: the warehouse is as it was."""


class WarehouseError(TieoutError):
    """A warehouse cannot be reached, or broke off while it was read."""

    def __init__(self, sentence: str, target: str) -> None:
        super().__init__(sentence)
        self.target = target


def full_disk_in(message: str) -> str | None:
    """The words of an engine's message that are about a disk without room; None where it is about something else."""
    found = _SAYS_FULL.search(message)
    return found[0] if found else None


def says_locked(message: str) -> bool:
    """Tell whether the embedded engine's message is about a warehouse that another program has open."""
    return "lock on file" in message or "being used by another process" in message


@contextmanager
def disk_in_plain_words() -> Iterator[None]:
    """Say of a disk that is full, or of a file without the right to it, what it is; any other error goes through.

    Raises:
        TieoutError: a file could not be written or read.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            where = f" at {error.filename}" if error.filename else ""
            sentence = f"The disk{where} is full ({error.strerror}): make room and run again"
        elif error.errno in _FORBIDDEN:
            what = "written" if error.errno == errno.EROFS else "read or written"
            sentence = (
                f"{error.filename or 'A file'} cannot be {what} ({error.strerror}): give tieout the right to, or name "
                "another place"
            )
        else:
            raise
        raise TieoutError(f"{sentence}; the exports are those of the run before.") from error
