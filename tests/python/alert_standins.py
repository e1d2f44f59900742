"""Stand-ins for Slack, Teams and a mail server, and a small company whose alerts are written by hand."""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
import os
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_httpserver import HTTPServer
from rich.console import Console
from werkzeug import Request, Response

from runner.alerts import service
from runner.alerts.delivery import Patience, deliver
from runner.alerts.ledger import opened
from runner.exports import Column, ExportedFile, Manifest
from runner.settings import DOMAINS, Settings, iso

PROJECT = Path(__file__).resolve().parent.parent.parent
AS_OF = datetime(2026, 6, 30, 6, 0, 0, tzinfo=UTC)

_ITEM = re.compile(r"\[(A\d+)\] (?:(?:info|warning|critical), )?(new|worsened|escalated|resolved)")

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("alert_key", "domain", "data_domain", "rule", "severity", "subject")),
        ("period", pa.date32()),
        ("measure", pa.string()),
        ("threshold", pa.decimal128(18, 4)),
        ("observed", pa.decimal128(18, 4)),
        ("message", pa.string()),
        ("detected_at", pa.timestamp("us")),
    ]
)


@dataclass(frozen=True)
class Receipt:
    """A message as it arrived."""

    channel: str
    text: str
    is_repeat: bool
    items: tuple[tuple[str, str], ...]
    """Reference and kind of each piece of news."""


def receipt(channel: str, text: str) -> Receipt:
    plain = text.replace("\\", "")
    return Receipt(channel, plain, "Repeat: an earlier delivery broke off" in plain, tuple(_ITEM.findall(plain)))


@dataclass
class Inbox:
    """What all stand-ins received, in order, and how they answer: each answer is used once, then all is well."""

    received: list[Receipt] = field(default_factory=list)
    answers: list[Callable[[], Response]] = field(default_factory=list)
    smtp_answers: list[str] = field(default_factory=list)
    refused_recipients: dict[str, str] = field(default_factory=dict)
    mails: list[tuple[list[str], str]] = field(default_factory=list)
    requests: int = 0
    delay: float = 0.0
    before_answer: Callable[[], None] = lambda: None
    """Called when a message has arrived and its sender does not know it yet."""

    def items(self, channel: str | None = None) -> list[tuple[str, str]]:
        return [item for got in self.received if channel in (None, got.channel) for item in got.items]

    def take(self, channel: str, text: str) -> None:
        self.received.append(receipt(channel, text))
        self.before_answer()
        time.sleep(self.delay)

    def http(self, channel: str, good: Response) -> Callable[[Request], Response]:
        def handle(request: Request) -> Response:
            self.requests += 1
            if self.answers:
                return self.answers.pop(0)()
            self.take(channel, "\n".join(_texts(request.get_json())))
            return good

        return handle

    # aiosmtpd calls these by name.

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused_recipients:
            return self.refused_recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.requests += 1
        answer = self.smtp_answers.pop(0) if self.smtp_answers else "250 OK"
        if answer.startswith("250") or answer == "reset":
            raw = envelope.content if isinstance(envelope.content, bytes) else b""
            message = email.message_from_bytes(raw, policy=email.policy.default)
            plain = message.get_body(("plain",))
            self.mails.append((list(envelope.rcpt_tos), raw.decode()))
            self.take("mail", plain.get_content() if plain is not None else "")
        if answer == "reset":
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
        return answer


@contextmanager
def standins() -> Iterator[tuple[Inbox, dict[str, str]]]:
    """Give the inbox of a Slack, a Teams and a mail server, and the environment that leads to them."""
    inbox = Inbox()
    mail_port = free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=mail_port)
    with HTTPServer(host="127.0.0.1", threaded=True) as http:
        http.expect_request("/services/T0/B0/slack-secret-0123456789").respond_with_handler(
            inbox.http("slack", Response("ok"))
        )
        http.expect_request("/workflows/teams-secret-0123456789").respond_with_handler(
            inbox.http("teams", Response(status=202))
        )
        controller.start()
        try:
            base = f"http://127.0.0.1:{http.port}"
            yield (
                inbox,
                {
                    "TIEOUT_CHANNEL_SLACK_URL": f"slack+{base}/services/T0/B0/slack-secret-0123456789",
                    "TIEOUT_CHANNEL_TEAMS_URL": f"teams+{base}/workflows/teams-secret-0123456789",
                    "TIEOUT_CHANNEL_MAIL_URL": f"smtp://127.0.0.1:{mail_port}?from=tieout@example.com"
                    "&to=finance+alerts@example.com,controller@example.com",
                },
            )
        finally:
            controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def alert(subject: str, **given: Any) -> dict[str, Any]:
    """A row of the mart."""
    row: dict[str, Any] = {
        "domain": "msp",
        "rule": "invoice_variance",
        "severity": "critical",
        "subject": subject,
        "period": date(2026, 5, 1),
        "measure": "variance_gbp",
        "threshold": Decimal("2000.0000"),
        "observed": Decimal("-2923.2000"),
        "message": f"{subject} differs by -2923.20 GBP.",
        **given,
    }
    row.setdefault("data_domain", row["domain"])
    return {"alert_key": f"{row['domain']}:{row['rule']}:{subject}".lower(), **row}


class Company:
    """A project folder with routes of its own, an output folder with alerts in it, and a ledger."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.output_dir = root / "exports"
        self.output_dir.mkdir(parents=True)
        shutil.copytree(PROJECT / "seeds", root / "seeds")
        (root / "dbt_project.yml").touch()

    @property
    def environment(self) -> dict[str, str]:
        """Settings that lead to this company."""
        return {
            "TIEOUT_PROJECT_DIR": str(self.root),
            "TIEOUT_OUTPUT_DIR": str(self.output_dir),
            "TIEOUT_ALERT_LEDGER": str(self.ledger),
            "TIEOUT_LOG_DIR": str(self.root / "logs"),
        }

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.sqlite"

    @property
    def settings(self) -> Settings:
        return Settings(
            project_dir=self.root,
            raw_dir=self.root,
            output_dir=self.output_dir,
            targets=dict.fromkeys(DOMAINS, "duckdb"),
            as_of=AS_OF,
        )

    def routes(self, *rows: str) -> None:
        header = "domain,rule,severity,channel,escalate_after_hours,escalate_to"
        path = self.root / "seeds" / "operations" / "alert_routes.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")

    def put(
        self,
        rows: Sequence[Mapping[str, Any]],
        as_of: datetime = AS_OF,
        domains: Sequence[str] = ("msp", "revenue", "support"),
        status: str = "current",
        held_back: Mapping[str, str] | None = None,
    ) -> None:
        """Export these alerts, as of a moment."""
        moment = as_of.replace(tzinfo=None)
        table = pa.Table.from_pylist([{**row, "detected_at": moment} for row in rows], schema=SCHEMA)
        pq.write_table(table, self.output_dir / "alerts.parquet")
        file = ExportedFile.model_validate(
            {
                "name": "alerts.parquet",
                "mart": "alerts",
                "domain": "operations",
                "status": status,
                "as_of": iso(as_of),
                "rows": len(rows),
                "columns": [Column(name=field.name, type=str(field.type)) for field in SCHEMA],
                "sha256": hashlib.sha256((self.output_dir / "alerts.parquet").read_bytes()).hexdigest(),
            }
        )
        manifest = Manifest(
            as_of=iso(as_of),
            run_started=iso(as_of),
            targets=dict.fromkeys(domains, "duckdb"),
            domains=list(domains),
            skipped_domains=[],
            files=[file],
            held_back=dict(held_back or {}),
        )
        (self.output_dir / "manifest.json").write_text(manifest.model_dump_json(), encoding="utf-8")

    def tell(self, console: Console | None = None) -> int:
        """Deliver, in this process."""
        return service.tell(self.settings, console or Console(quiet=True))

    def retry(self, patience: Patience) -> dict[str, str]:
        """Send what is due, with this patience; gives what is the matter with each channel."""
        with opened(self.ledger) as ledger:
            return deliver(ledger, patience).troubles

    def history(self) -> list[dict[str, Any]]:
        with opened(self.ledger) as ledger:
            rows = ledger.rows(
                """
                select condition.alert_key, notice.kind, notice.channel, message.sent_at, message.attempts
                from notice
                inner join condition on notice.condition_id = condition.condition_id
                left join message on notice.message_id = message.message_id
                order by notice.notice_id
                """
            )
            return [dict(row) for row in rows]


def tell_in_child(company: Company, environment: Mapping[str, str]) -> None:
    """What a child process of the kill test does."""
    os.environ.update(environment)
    os._exit(company.tell())


def json_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
