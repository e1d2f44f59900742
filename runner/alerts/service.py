"""A delivery from start to end: what is wrong is read, held against the ledger, and what is news is sent."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from runner import logs
from runner.alerts.changes import Evaluation, evaluate
from runner.alerts.conditions import NothingExportedError, Observation, read_mart
from runner.alerts.delivery import Outcome, Patience, deliver, rehearse
from runner.alerts.ledger import Ledger, opened
from runner.alerts.routes import read_routes
from runner.alerts.run_report import keep_report, kept_report, report_death
from runner.errors import BusyError, TieoutError
from runner.screen import say
from runner.seed_rows import AlertRoute
from runner.settings import Settings, iso
from runner.state import locked

TOLD, STILL_DUE = 0, 1
"""Exit codes: everything was told; something could not be and stays due."""

LEDGER_PATH = "TIEOUT_ALERT_LEDGER"


def ledger_path(settings: Settings) -> Path:
    """File of the ledger: `TIEOUT_ALERT_LEDGER`, else beside the embedded warehouse."""
    given = os.environ.get(LEDGER_PATH)
    return Path(given).resolve() if given else settings.warehouse_path.with_suffix(".alerts.sqlite")


def tell(settings: Settings, console: Console) -> int:
    """Send all news, and what an earlier delivery could not send; gives the exit code.

    Raises:
        TieoutError: there is nothing to read, or the ledger cannot be used.
    """
    patience = Patience.from_environment()
    routes = read_routes(settings.project_dir)
    path = ledger_path(settings)
    with locked(path.with_name(path.name + ".lock")), opened(path) as ledger:
        with ledger.transaction():
            is_whole = _evaluate(ledger, settings, routes, console)
        outcome = deliver(ledger, patience)
        _say_outcome(ledger, outcome, console)
    return STILL_DUE if outcome.troubles or not is_whole else TOLD


def run_and_tell(settings: Settings, console: Console, run: Callable[[Settings, Console], int]) -> int:
    """Do a run, then tell what it found; a run that could not be done is told of as well. Gives the exit code.

    Raises:
        TieoutError: the run could not be done.
    """
    try:
        with _told_when_ended(settings, console):
            code = run(settings, console)
    except BusyError:
        # The other run tells.
        raise
    except Exception as error:
        _tell_of_death(settings, console, error)
        raise
    try:
        return max(code, tell(settings, console))
    except BusyError:
        say(console, "Another delivery of alerts is at work: the next one tells what this run found.", style="yellow")
        return max(code, STILL_DUE)


def _tell_of_death(settings: Settings, console: Console, error: Exception) -> None:
    # The run's own error is what the user must see, whatever becomes of the alert.
    try:
        keep_report(ledger_path(settings), report_death(settings.as_of, error))
        tell(settings, console)
    except Exception as alert_error:  # noqa: BLE001
        logs.failure("alerts", alert_error)


@contextmanager
def _told_when_ended(settings: Settings, console: Console) -> Iterator[None]:
    """Tell of a run that is ended from outside, as a schedule does when its time is up, before the process goes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ended(*_: object) -> None:
        error = TieoutError("It was ended from outside, as a schedule does at its time limit.")
        logs.failure("run", error)
        _tell_of_death(settings, console, error)
        say(console, str(error), style="red")
        logs.stop()
        sys.stdout.flush()
        # What it waits for may never answer: neither dbt nor its threads are asked to end.
        os._exit(error.exit_code)

    before = signal.signal(signal.SIGTERM, ended)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def show(settings: Settings, console: Console) -> int:
    """Show every message that `tell` would send now, exactly; nothing is sent or remembered."""
    patience = Patience.from_environment()
    routes = read_routes(settings.project_dir)
    path = ledger_path(settings)
    with locked(path.with_name(path.name + ".lock")), opened(path) as ledger, ledger.rehearsal():
        _evaluate(ledger, settings, routes, console)
        rendered = rehearse(ledger, patience.timeout)
    for channel, text in rendered:
        say(console, f"--- to {channel} ---", style="bold")
        say(console, text.rstrip("\n"))
    if not rendered:
        say(console, "Nothing would be sent.")
    return TOLD


def _evaluate(ledger: Ledger, settings: Settings, routes: Sequence[AlertRoute], console: Console) -> bool:
    """Judge all that can be read; tells whether that was everything."""
    observations, is_whole = _observations(ledger, settings, console)
    for observation in observations:
        evaluation = evaluate(ledger, observation, routes)
        logs.event(
            "alerts", origin=observation.origin, as_of=iso(observation.as_of), conditions=len(observation.conditions)
        )
        _say_evaluation(evaluation, observation, console)
    return is_whole


def _observations(ledger: Ledger, settings: Settings, console: Console) -> tuple[list[Observation], bool]:
    report = kept_report(ledger)
    is_whole = True
    try:
        mart = read_mart(settings.output_dir)
    except NothingExportedError:
        # A first run that failed has exported nothing, and must be told of.
        if report is None:
            raise
        mart = None
    except TieoutError as error:
        # What the run has to tell must not wait for that file.
        if report is None:
            raise
        logs.failure("alerts", error)
        say(console, str(error), style="bold yellow")
        mart, is_whole = None, False
    return [observation for observation in (mart, report) if observation is not None], is_whole


def _say_evaluation(evaluation: Evaluation, observation: Observation, console: Console) -> None:
    if evaluation.is_outdated:
        say(
            console,
            f"The figures are as of {iso(observation.as_of)}, and later ones were told of: nothing new is said.",
        )
    if evaluation.unrouted:
        logs.event("alerts", unrouted=len(evaluation.unrouted), first=evaluation.unrouted[0])
        say(
            console,
            f"Alerts without a route: {len(evaluation.unrouted)}, such as {evaluation.unrouted[0]}; nobody is told of "
            "them until seeds/operations/alert_routes.csv says whom.",
            style="yellow",
        )


def _say_outcome(ledger: Ledger, outcome: Outcome, console: Console) -> None:
    if outcome.sent:
        again = f", {outcome.repeated} of them marked as a repeat" if outcome.repeated else ""
        say(console, f"Alert messages sent: {outcome.sent}{again}.")
    elif not outcome.troubles:
        row = ledger.one("select count(*) as standing from condition where resolved_at is null")
        say(console, f"No news; alerts that stand as they were announced: {row['standing'] if row else 0}.")
    for channel, trouble in outcome.troubles.items():
        say(console, f"Channel {channel}: {logs.mask(trouble)}; what it should be told stays due.", style="bold yellow")
