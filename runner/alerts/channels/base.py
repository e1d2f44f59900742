"""What every channel does, and how it says that it could not."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from runner.alerts.messages import Letter


class UndeliveredError(Exception):
    """A message was not taken, or nobody knows whether it was. Its text holds no address.

    Attributes:
        is_temporary: the same may work in a while.
        is_uncertain: it may have been received all the same.
        is_of_message: another message may get through.
        retry_after: seconds the channel asked to be left alone.
    """

    def __init__(
        self,
        reason: str,
        *,
        is_temporary: bool = True,
        is_uncertain: bool = False,
        is_of_message: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.is_temporary = is_temporary
        self.is_uncertain = is_uncertain
        self.is_of_message = is_of_message
        self.retry_after = retry_after


class Channel(Protocol):
    """A way to tell somebody."""

    def render(self, letter: Letter) -> str:
        """Write out exactly what is sent."""

    def send(self, letter: Letter, recipients_left: str | None) -> str | None:
        """Send a message; gives the recipients that are still to be served, None when all are.

        Args:
            letter: the message.
            recipients_left: what an earlier attempt gave.

        Raises:
            UndeliveredError: it was not taken, or that is not known.
        """


_REFUSED_FOR_ITSELF = (400, 413, 422)
# A gateway that gave up waiting does not know what became of the message.
_UNCERTAIN = (408, 502, 504)


def refusal(status: int, headers: Mapping[str, str]) -> UndeliveredError:
    """Say what an HTTP answer other than success means."""
    lower = {name.lower(): value for name, value in headers.items()}
    return UndeliveredError(
        f"it answered HTTP {status}",
        is_temporary=status in (408, 429) or status >= 500,
        is_uncertain=status in _UNCERTAIN,
        is_of_message=status in _REFUSED_FOR_ITSELF,
        retry_after=seconds_to_wait(lower.get("retry-after")),
    )


def seconds_to_wait(header: str | None) -> float | None:
    """Read a Retry-After: seconds or a date; None where it says nothing."""
    if header is None:
        return None
    with contextlib.suppress(ValueError):
        return max(0.0, float(header))
    with contextlib.suppress(ValueError, TypeError):
        until = parsedate_to_datetime(header)
        until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
        return max(0.0, (until - datetime.now(UTC)).total_seconds())
    return None
