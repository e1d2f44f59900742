"""`tieout alerts`: deliver, and what people do about an alert once they have it."""

from __future__ import annotations

import fnmatch
import getpass
import json
import re
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from runner import settings
from runner.errors import SettingError
from runner.screen import say, screen

Guard = Callable[[Callable[..., int]], Callable[..., None]]

References = Annotated[list[str], typer.Argument(help="A17 as the messages say, an alert key, or a pattern of keys.")]
By = Annotated[str | None, typer.Option(help="Who does it.  \\[default: you]")]
OutputDir = Annotated[
    Path | None,
    typer.Option(envvar="TIEOUT_OUTPUT_DIR", help="Folder of the exports.  \\[default: exports]"),
]


def application(guard: Guard) -> typer.Typer:
    """Give the commands; `guard` turns what one gives back into its exit code."""
    app = typer.Typer(help="Tell people what is wrong: once, and again when it worsens, escalates or is over.")
    app.callback(invoke_without_command=True)(_deliver(guard))
    app.command("list")(guard(list_alerts))
    app.command()(guard(ack))
    app.command()(guard(snooze))
    app.command()(guard(history))
    return app


def _deliver(guard: Guard) -> Callable[..., None]:
    def deliver(
        context: typer.Context,
        output_dir: OutputDir = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the exact messages; send nothing.")] = False,
    ) -> None:
        """Send what is new in the last exports, and what could not be sent before."""
        if context.invoked_subcommand is None:
            guard(tell)(output_dir, dry_run)

    return deliver


def tell(output_dir: Path | None, dry_run: bool) -> int:
    """Deliver, or show what would be delivered."""
    from runner.alerts import service

    act = service.show if dry_run else service.tell
    return act(settings.resolve(output_dir=output_dir), screen())


def list_alerts(
    everything: Annotated[bool, typer.Option("--all", help="Those that are over as well.")] = False,
) -> int:
    """Show what is wrong now and what is done about it."""
    from runner.alerts.conditions import Condition
    from runner.alerts.messages import reference

    over = "" if everything else "where resolved_at is null"
    with _ledger() as ledger:
        rows = ledger.rows(f"select *, {_UNSENT} as unsent from condition {over} order by condition_id")  # noqa: S608
    table = Table("", "severity", "domain", "what", "since", "state", box=None, pad_edge=False)
    for row in rows:
        condition = Condition.model_validate_json(row["facts"])
        table.add_row(
            reference(row["condition_id"]),
            row["severity"],
            condition.domain,
            Text(condition.message, overflow="fold"),
            row["first_seen"],
            _state(row),
        )
    screen().print(table)
    return 0


def ack(
    references: References,
    by: By = None,
    note: Annotated[str, typer.Option(help="What is being done.")] = "",
) -> int:
    """Say that somebody is at it: no more is told of these alerts unless they get more severe or are over."""
    with _ledger() as ledger, ledger.transaction():
        rows = _referred(ledger, references)
        for row in rows:
            if row["resolved_at"] is not None:
                raise SettingError(f"{row['alert_key']} is over since {row['resolved_at']}: name one of 'alerts list'.")
            ledger.execute(
                "update condition set acknowledged_severity = severity, acknowledged_by = ? where condition_id = ?",
                *(by or getpass.getuser(), row["condition_id"]),
            )
            _remark(ledger, row, "acknowledged", by, note)
    say(screen(), f"Acknowledged: {len(rows)}.")
    return 0


def snooze(
    references: References,
    hours: Annotated[float | None, typer.Option(help="For so long from now; 0 ends it.")] = None,
    until: Annotated[str | None, typer.Option(help="Until the figures are as of this moment, ISO 8601 UTC.")] = None,
    by: By = None,
    note: Annotated[str, typer.Option(help="Why.")] = "",
) -> int:
    """Hear nothing of these alerts for a while, save that they are over; what is still wrong then is told."""
    if (hours is None) == (until is None):
        raise SettingError("Snooze for how long? Give either --hours or --until.")
    from runner.alerts.ledger import stamp

    end = settings.parse_as_of(until) if until is not None else datetime.now(UTC) + timedelta(hours=hours or 0)
    is_over = hours is not None and hours <= 0
    with _ledger() as ledger, ledger.transaction():
        rows = _referred(ledger, references)
        for row in rows:
            ledger.execute(
                "update condition set snoozed_until = ?, snoozed_by = ? where condition_id = ?",
                *(None if is_over else stamp(end), by or getpass.getuser(), row["condition_id"]),
            )
            _remark(ledger, row, "awake" if is_over else f"snoozed until {stamp(end)}", by, note)
    say(screen(), f"{'Awake again' if is_over else f'Snoozed until {stamp(end)}'}: {len(rows)}.")
    return 0


def history(
    references: Annotated[list[str] | None, typer.Argument(help="As for 'ack'; all where none is given.")] = None,
) -> int:
    """Show what was told of alerts, when and where, and who did what."""
    from runner.alerts.messages import reference

    with _ledger() as ledger:
        ids = [row["condition_id"] for row in _referred(ledger, references or ["*"], may_be_none=not references)]
        rows = ledger.rows(_HISTORY, json.dumps(ids))
    table = Table("", "as of", "what", "channel or person", "sent (UTC)", "alert", box=None, pad_edge=False)
    for row in rows:
        cells = (row["as_of"], row["what"], row["whom"], row["done"], row["alert_key"])
        table.add_row(reference(row["condition_id"]), *(Text(cell or "", overflow="fold") for cell in cells))
    screen().print(table)
    return 0


_UNSENT = """(
    select count(*) from notice left join message on notice.message_id = message.message_id
    where notice.condition_id = condition.condition_id and message.sent_at is null
)"""

_HISTORY = """
select * from (
    select
        notice.condition_id, notice.as_of, notice.kind as what, notice.channel as whom,
        coalesce(message.sent_at, 'due') as done, condition.alert_key, notice.notice_id as place
    from notice
    inner join condition on notice.condition_id = condition.condition_id
    left join message on notice.message_id = message.message_id
    union all
    select
        remark.condition_id, remark.remarked_at, remark.what || case when detail = '' then '' else ': ' || detail end,
        remark.made_by, '', condition.alert_key, 1000000000 + remark.remark_id
    from remark
    inner join condition on remark.condition_id = condition.condition_id
)
where condition_id in (select value from json_each(?))
order by condition_id, place
"""


def _ledger() -> Any:
    from runner.alerts.ledger import opened
    from runner.alerts.service import ledger_path

    path = ledger_path(settings.resolve())
    if not path.is_file():
        raise SettingError(f"There is no alert ledger at {path}: it is made by the first 'tieout alerts'.")
    return opened(path)


def _referred(ledger: Any, references: Sequence[str], *, may_be_none: bool = False) -> list[sqlite3.Row]:
    """The conditions meant by references, in the ledger's order."""
    rows = ledger.rows("select * from condition order by condition_id")
    found: set[int] = set()
    for text in references:
        number = re.fullmatch(r"[Aa](\d+)", text.strip())
        wanted = text.strip().lower()
        fitting = {
            row["condition_id"]
            for row in rows
            if (number and row["condition_id"] == int(number[1]))
            or row["alert_key"] == wanted
            or fnmatch.fnmatchcase(row["alert_key"], wanted)
        }
        if not fitting and not may_be_none:
            raise SettingError(f"There is no alert '{text}': name one of 'tieout alerts list --all'.")
        found |= fitting
    return [row for row in rows if row["condition_id"] in found]


def _remark(ledger: Any, row: sqlite3.Row, what: str, by: str | None, note: str) -> None:
    from runner.alerts.ledger import stamp

    ledger.execute(
        "insert into remark (condition_id, remarked_at, what, made_by, detail) values (?, ?, ?, ?, ?)",
        *(row["condition_id"], stamp(datetime.now(UTC)), what, by or getpass.getuser(), " ".join(note.split())),
    )


def _state(row: sqlite3.Row) -> str:
    if row["resolved_at"]:
        state = f"over since {row['resolved_at']}"
    elif row["snoozed_until"] and row["last_seen"] < row["snoozed_until"]:
        state = f"snoozed until {row['snoozed_until']}"
    elif row["acknowledged_severity"]:
        state = f"acknowledged by {row['acknowledged_by']}"
    elif row["told_severity"]:
        state = "announced"
    else:
        state = "nobody to tell"
    return f"{state}, {row['unsent']} notices due" if row["unsent"] else state
