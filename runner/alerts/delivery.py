"""Telling what is due: each channel by itself, with retries, noted in the ledger before and after every attempt."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import tenacity

from runner import logs
from runner.alerts.channels import open_channel
from runner.alerts.channels.base import Channel, UndeliveredError
from runner.alerts.ledger import Ledger, Message
from runner.alerts.messages import group_due, letter
from runner.errors import SettingError


@dataclass(frozen=True)
class Patience:
    """How long a delivery waits for a channel."""

    timeout: float = 10.0
    """Seconds without a sign of life after which a channel hangs."""
    attempts: int = 4
    """Attempts a message gets in one delivery."""
    longest_wait: float = 60.0
    """Seconds between attempts at most; a channel that asks for more is left to a later delivery."""
    first_wait: float = 1.0
    sleep: Callable[[float], None] = time.sleep

    @classmethod
    def from_environment(cls) -> Patience:
        """Take what the environment sets.

        Raises:
            SettingError: a value is no positive number.
        """
        given = {}
        for name, variable in (
            ("timeout", "TIEOUT_ALERT_TIMEOUT_SECONDS"),
            ("attempts", "TIEOUT_ALERT_ATTEMPTS"),
            ("longest_wait", "TIEOUT_ALERT_LONGEST_WAIT_SECONDS"),
        ):
            text = os.environ.get(variable)
            if not text:
                continue
            try:
                given[name] = int(text) if name == "attempts" else float(text)
            except ValueError:
                given[name] = 0
            if not 0 < given[name] < 86_400:
                raise SettingError(f"{variable} is '{text}': give a positive number.")
        return replace(cls(), **given)  # type: ignore[arg-type]


@dataclass
class Outcome:
    """What a delivery came to."""

    sent: int = 0
    """Messages received."""
    repeated: int = 0
    """Those of them that may have been received before."""
    troubles: dict[str, str] = field(default_factory=dict)
    """Channel to what is the matter; what it should have been told stays due."""


def deliver(ledger: Ledger, patience: Patience) -> Outcome:
    """Send everything that is due; what cannot be sent stays due."""
    outcome = Outcome()
    for name in ledger.channels_due():
        until = ledger.held_until(name)
        if until is not None and datetime.now(UTC) < until:
            outcome.troubles[name] = f"it asked to be left alone until {until:%Y-%m-%d %H:%M:%S} UTC"
            continue
        try:
            channel = open_channel(name, patience.timeout)
        except SettingError as error:
            _trouble(ledger, outcome, name, str(error).rstrip("."), None)
            continue
        _deliver_to(ledger, name, channel, patience, outcome)
    return outcome


def rehearse(ledger: Ledger, timeout: float) -> list[tuple[str, str]]:
    """Give the channel and the exact text of every message that is due; call it in a rehearsal of the ledger."""
    rendered = []
    for name in ledger.channels_due():
        try:
            channel = open_channel(name, timeout)
        except SettingError as error:
            rendered.append((name, str(error)))
            continue
        plan(ledger, name)
        for message in ledger.unsent(name):
            written = letter(ledger, message, is_repeat=message.is_repeat)
            rendered.append((name, channel.render(written)))
    return rendered


def plan(ledger: Ledger, channel: str) -> None:
    """Make messages of what is due; call it in a transaction."""
    ledger.dissolve(channel)
    for group in group_due(ledger, channel):
        ledger.group(channel, group, datetime.now(UTC))


def _deliver_to(ledger: Ledger, name: str, channel: Channel, patience: Patience, outcome: Outcome) -> None:
    with ledger.transaction():
        plan(ledger, name)
    trouble, not_before = None, None
    for message in ledger.unsent(name):
        try:
            _send(ledger, channel, message, patience, outcome)
        except UndeliveredError as error:
            trouble = str(error)
            logs.event("alerts", channel=name, message=message.message_id, undelivered=trouble)
            if error.retry_after is not None:
                not_before = datetime.now(UTC) + timedelta(seconds=min(error.retry_after, 86_400))
            if not error.is_of_message:
                break
        except Exception as error:  # noqa: BLE001 (a channel that breaks must not keep the others from being told)
            trouble = f"unexpected {type(error).__name__} (see the log)"
            ledger.attempt_failed(message, is_uncertain=True)
            logs.failure("alerts", error)
            break
    if trouble:
        _trouble(ledger, outcome, name, trouble, not_before)
    else:
        ledger.hold_channel(name, None, None)


def _send(ledger: Ledger, channel: Channel, message: Message, patience: Patience, outcome: Outcome) -> None:
    def attempt() -> None:
        started = time.perf_counter()
        is_repeat = ledger.attempt_starts(message, datetime.now(UTC))
        try:
            left = channel.send(letter(ledger, message, is_repeat=is_repeat), message.recipients_left)
        except UndeliveredError as error:
            ledger.attempt_failed(message, is_uncertain=error.is_uncertain)
            raise
        ledger.attempt_succeeded(message, left, datetime.now(UTC))
        logs.event(
            "alerts",
            channel=message.channel,
            message=message.message_id,
            notices=len(message.notices),
            is_repeat=is_repeat,
            seconds=time.perf_counter() - started,
        )
        if left:
            raise UndeliveredError("some of its recipients are to be tried again later", is_of_message=True)
        outcome.sent += 1
        outcome.repeated += is_repeat

    tenacity.Retrying(
        retry=tenacity.retry_if_exception(_is_worth_a_retry),
        stop=_stop(patience),
        wait=_wait(patience),
        sleep=patience.sleep,
        reraise=True,
    )(attempt)


def _is_worth_a_retry(error: BaseException) -> bool:
    return isinstance(error, UndeliveredError) and error.is_temporary and not error.is_of_message


def _stop(patience: Patience) -> Callable[[tenacity.RetryCallState], bool]:
    def stop(state: tenacity.RetryCallState) -> bool:
        return state.attempt_number >= patience.attempts or (_retry_after(state) or 0) > patience.longest_wait

    return stop


def _wait(patience: Patience) -> Callable[[tenacity.RetryCallState], float]:
    backoff = tenacity.wait_exponential_jitter(
        initial=patience.first_wait, max=patience.longest_wait, jitter=patience.first_wait
    )

    def wait(state: tenacity.RetryCallState) -> float:
        return max(_retry_after(state) or 0.0, backoff(state))

    return wait


def _retry_after(state: tenacity.RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after if isinstance(error, UndeliveredError) else None


def _trouble(ledger: Ledger, outcome: Outcome, channel: str, trouble: str, not_before: datetime | None) -> None:
    outcome.troubles[channel] = trouble
    ledger.hold_channel(channel, trouble, not_before)
