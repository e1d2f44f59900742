"""The ledger of alerts: what is wrong, what was told of it, to whom. One SQLite file; every step is one transaction.

- `condition`: one row per alert_key ever seen; an `episode` is one time it was wrong, from first_seen to resolved_at.
- `notice`: one piece of news about a condition for one channel (new, worsened, escalated, resolved). It is due until
  it is `sent`.
- `message`: notices that go out together. `started_at` is written before the first byte leaves and emptied when the
  channel has refused for certain; a message found with it was perhaps received, so it is sent again as a repeat.

Moments named as_of, first_seen, last_seen, resolved_at and snoozed_until are on the clock of the figures; the others
(`..._at` of notices and messages) say when a delivery did something.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runner.errors import TieoutError

_VERSION = 1
_BUSY_SECONDS = 30

_SCHEMA = """
create table ledger (ledger_id text not null);
create table evaluation (as_of text not null);
create table run_report (only_row integer primary key check (only_row = 1), report text not null);
create table condition (
    condition_id integer primary key autoincrement,
    alert_key text not null unique,
    origin text not null,
    facts text not null,
    severity text not null,
    data_domain text not null,
    episode integer not null,
    first_seen text not null,
    last_seen text not null,
    resolved_at text,
    told_severity text,
    told_observed text,
    acknowledged_severity text,
    acknowledged_by text,
    snoozed_until text,
    snoozed_by text
);
create table message (
    message_id integer primary key autoincrement,
    channel text not null,
    created_at text not null,
    attempts integer not null default 0,
    started_at text,
    is_uncertain integer not null default 0,
    recipients_left text,
    sent_at text
);
create table notice (
    notice_id integer primary key autoincrement,
    condition_id integer not null references condition,
    episode integer not null,
    kind text not null,
    step text not null,
    channel text not null,
    as_of text not null,
    facts text not null,
    message_id integer references message,
    unique (condition_id, episode, kind, step, channel)
);
create index notice_of_message on notice (message_id);
create table channel (channel text primary key, not_before text, trouble text);
create table remark (
    remark_id integer primary key autoincrement,
    condition_id integer not null references condition,
    remarked_at text not null,
    what text not null,
    made_by text not null,
    detail text not null
);
"""


@dataclass(frozen=True)
class Message:
    """Notices that go to one channel together."""

    message_id: int
    channel: str
    notices: Sequence[sqlite3.Row]
    is_repeat: bool
    recipients_left: str | None


class Ledger:
    """The ledger, open; close it when done."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with _plain_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
            self._connection.row_factory = sqlite3.Row
            # A commit is on the disk before the next step is taken, whatever happens to the machine.
            self._connection.execute("pragma synchronous = full")
            self._connection.execute("pragma foreign_keys = on")
            self._make_tables()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all that happens in the block, or nothing of it."""
        with _plain_errors(self.path):
            self._connection.execute("begin immediate")
            try:
                yield
                self._connection.execute("commit")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("rollback")
                raise

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Undo everything that happens in the block."""
        with _plain_errors(self.path):
            self._connection.execute("begin immediate")
            try:
                yield
            finally:
                self._connection.execute("rollback")

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """Give the rows of a query."""
        with _plain_errors(self.path):
            return self._connection.execute(statement, values).fetchall()

    def one(self, statement: str, *values: Any) -> sqlite3.Row | None:
        """Give the first row of a query; None where there is none."""
        found = self.rows(statement, *values)
        return found[0] if found else None

    def execute(self, statement: str, *values: Any) -> int:
        """Run a statement; gives the number of rows it touched."""
        with _plain_errors(self.path):
            return self._connection.execute(statement, values).rowcount

    @property
    def ledger_id(self) -> str:
        """Name of this ledger, unlike that of any other."""
        row = self.one("select ledger_id from ledger")
        return str(row["ledger_id"]) if row else ""

    # Messages.

    def channels_due(self) -> list[str]:
        """Channels that have something to be told, by name."""
        due = self.rows(
            """
            select distinct notice.channel from notice
            left join message on notice.message_id = message.message_id
            where message.sent_at is null
            order by notice.channel
            """
        )
        return [row["channel"] for row in due]

    def due(self, channel: str) -> list[sqlite3.Row]:
        """Notices of a channel that no message holds yet, each with its condition."""
        return self.rows(f"{_NOTICES} where notice.channel = ? and notice.message_id is null", channel)

    def dissolve(self, channel: str) -> None:
        """Take apart the messages that were certainly not received, so that their notices are grouped anew."""
        certain = (
            "select message_id from message where channel = ? and sent_at is null "
            "and started_at is null and is_uncertain = 0 and recipients_left is null"
        )
        self.execute(f"update notice set message_id = null where message_id in ({certain})", channel)  # noqa: S608
        self.execute(f"delete from message where message_id in ({certain})", channel)  # noqa: S608

    def group(self, channel: str, notice_ids: Sequence[int], now: datetime) -> None:
        """Make one message of these notices."""
        self.execute("insert into message (channel, created_at) values (?, ?)", channel, stamp(now))
        row = self.one("select last_insert_rowid() as message_id")
        assert row is not None  # noqa: S101 (the row above)
        for notice_id in notice_ids:
            self.execute("update notice set message_id = ? where notice_id = ?", row["message_id"], notice_id)

    def unsent(self, channel: str) -> list[Message]:
        """Messages of a channel that are still to be sent, oldest first."""
        messages = self.rows("select * from message where channel = ? and sent_at is null order by message_id", channel)
        return [
            Message(
                message["message_id"],
                channel,
                self.rows(f"{_NOTICES} where notice.message_id = ?", message["message_id"]),
                bool(message["is_uncertain"] or message["started_at"]),
                message["recipients_left"],
            )
            for message in messages
        ]

    def attempt_starts(self, message: Message, now: datetime) -> bool:
        """Note, before the first byte leaves, that a message may be received; tells whether it may have been before."""
        with self.transaction():
            row = self.one("select is_uncertain, started_at from message where message_id = ?", message.message_id)
            is_repeat = row is not None and bool(row["is_uncertain"] or row["started_at"])
            self.execute(
                "update message set attempts = attempts + 1, started_at = ?, is_uncertain = ? where message_id = ?",
                stamp(now),
                int(is_repeat),
                message.message_id,
            )
        return is_repeat

    def attempt_failed(self, message: Message, *, is_uncertain: bool) -> None:
        """Note that a message was refused, or that nobody knows whether it was received."""
        with self.transaction():
            self.execute(
                "update message set started_at = null, is_uncertain = max(is_uncertain, ?) where message_id = ?",
                int(is_uncertain),
                message.message_id,
            )

    def attempt_succeeded(self, message: Message, recipients_left: str | None, now: datetime) -> None:
        """Note the receipt of a message; recipients that are still to be served keep it due."""
        with self.transaction():
            self.execute(
                """
                update message set started_at = null, is_uncertain = 0, recipients_left = ?, sent_at = ?
                where message_id = ?
                """,
                recipients_left,
                None if recipients_left else stamp(now),
                message.message_id,
            )

    def hold_channel(self, channel: str, trouble: str | None, not_before: datetime | None) -> None:
        """Remember what is the matter with a channel and until when it asked to be left alone; nothing clears it."""
        with self.transaction():
            self.execute("delete from channel where channel = ?", channel)
            if trouble:
                until = stamp(not_before) if not_before else None
                self.execute("insert into channel values (?, ?, ?)", channel, until, trouble)

    def held_until(self, channel: str) -> datetime | None:
        """Until when a channel asked to be left alone."""
        row = self.one("select not_before from channel where channel = ?", channel)
        return moment(row["not_before"]) if row and row["not_before"] else None

    def _make_tables(self) -> None:
        with self.transaction():
            (version,) = self._connection.execute("pragma user_version").fetchone()
            if version > _VERSION:
                raise TieoutError(f"The alert ledger {self.path} is of a newer tieout: update this one.")
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    self._connection.execute(statement)
                self._connection.execute("insert into ledger values (?)", (uuid.uuid4().hex,))
                self._connection.execute(f"pragma user_version = {_VERSION}")


_NOTICES = """
select
    notice.notice_id,
    notice.kind,
    notice.channel,
    notice.as_of,
    notice.facts,
    condition.condition_id,
    condition.alert_key
from notice
inner join condition on notice.condition_id = condition.condition_id
"""


@contextmanager
def opened(path: Path) -> Iterator[Ledger]:
    """Open the ledger for as long as the block lasts."""
    ledger = Ledger(path)
    try:
        yield ledger
    finally:
        ledger.close()


def stamp(value: datetime) -> str:
    """Write a UTC moment so that text order is time order."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """Read what `stamp` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)


@contextmanager
def _plain_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise TieoutError(
            f"The alert ledger {path} cannot be used ({error}): make room or rights there, or move a damaged file away "
            "(what is wrong is then announced once more)."
        ) from error
    except OSError as error:
        raise TieoutError(f"The alert ledger {path} cannot be used ({error.strerror or error}).") from error
