"""Channels that answer 429, 500, nothing, or break off: nothing is lost, and only what may have arrived is a repeat."""

from __future__ import annotations

import email
import email.policy
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import requests
from alert_standins import Company, Inbox, alert, free_port, standins
from werkzeug import Response

from runner import logs
from runner.alerts.changes import evaluate
from runner.alerts.channels import open_channel, variable_of
from runner.alerts.channels.base import seconds_to_wait
from runner.alerts.conditions import read_mart
from runner.alerts.delivery import Patience, rehearse
from runner.alerts.ledger import opened
from runner.alerts.routes import read_routes
from runner.errors import SettingError

HTTP = ("slack", "teams")
CHANNELS = (*HTTP, "mail")


class Clock:
    """Waits without waiting, and remembers how long it was asked to."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.waited.append(seconds)


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    with standins() as (inbox, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield inbox


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path / "company")


def due(company: Company, channel: str, *subjects: str) -> None:
    """Make these alerts due on a channel, without sending them."""
    company.routes(f"msp,,critical,{channel},,")
    company.put([alert(subject) for subject in subjects or ("Corporate / Complex",)])
    observation = read_mart(company.output_dir)
    assert observation is not None
    with opened(company.ledger) as ledger, ledger.transaction():
        evaluate(ledger, observation, read_routes(company.root))


def patience(clock: Callable[[float], None] = lambda _: None, timeout: float = 5.0) -> Patience:
    return Patience(timeout=timeout, attempts=4, longest_wait=60, sleep=clock)


@pytest.mark.parametrize("channel", HTTP)
def test_a_channel_that_asks_for_time_gets_it(company: Company, inbox: Inbox, channel: str) -> None:
    clock = Clock()
    inbox.answers = [lambda: Response(status=429, headers={"Retry-After": "7"})]
    due(company, channel)
    assert company.retry(patience(clock)) == {}
    assert clock.waited[0] >= 7
    assert [got.is_repeat for got in inbox.received] == [False]
    assert inbox.items() == [("A1", "new")]


@pytest.mark.parametrize("channel", HTTP)
def test_a_channel_that_asks_for_an_hour_is_left_alone_for_an_hour(
    company: Company, inbox: Inbox, channel: str
) -> None:
    clock = Clock()
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    inbox.answers = [lambda: Response(status=429, headers={"Retry-After": later})]
    due(company, channel)
    assert "429" in company.retry(patience(clock))[channel]
    assert "left alone until" in company.retry(patience(clock))[channel]
    assert (inbox.requests, clock.waited, inbox.received) == (1, [], [])
    with opened(company.ledger) as ledger, ledger.transaction():
        ledger.execute("update channel set not_before = '2026-01-01T00:00:00Z'")
    assert company.retry(patience(clock)) == {}
    assert [(got.is_repeat, got.items) for got in inbox.received] == [(False, (("A1", "new"),))]


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_that_is_out_of_order_is_tried_again_with_growing_waits(
    company: Company, inbox: Inbox, channel: str
) -> None:
    clock = Clock()
    inbox.answers = [lambda: Response(status=500)] * 9
    inbox.smtp_answers = ["451 try later"] * 3
    due(company, channel)
    assert channel in company.retry(patience(clock))
    if channel != "mail":
        # A mail server that takes no message now is left to the next delivery.
        assert inbox.requests == 4
        assert 1 <= clock.waited[0] <= 2 <= clock.waited[1] <= 3 < clock.waited[2]
    inbox.answers, inbox.smtp_answers = [], []
    assert company.retry(patience(clock)) == {}
    assert [(got.is_repeat, got.items) for got in inbox.received] == [(False, (("A1", "new"),))]


@pytest.mark.parametrize(
    ("channel", "status"), [*((name, status) for name in HTTP for status in (400, 403, 404, 410)), ("teams", 302)]
)
def test_a_refusal_for_good_is_not_repeated_within_a_delivery_and_stays_due(
    company: Company, inbox: Inbox, channel: str, status: int
) -> None:
    clock = Clock()
    inbox.answers = [lambda: Response(status=status, headers={"Location": "/elsewhere"})]
    due(company, channel)
    assert list(company.retry(patience(clock))) == [channel]
    assert clock.waited == []
    assert company.retry(patience(clock)) == {}
    assert inbox.items() == [("A1", "new")]


def test_one_message_that_is_refused_does_not_hold_up_the_others(company: Company, inbox: Inbox) -> None:
    inbox.answers = [lambda: Response(status=400)]
    due(company, "slack", *(f"Case {number}" for number in range(20)))
    assert "400" in company.retry(patience())["slack"]
    assert len(inbox.items()) == 5
    assert company.retry(patience()) == {}
    assert sorted(inbox.items()) == sorted((f"A{number}", "new") for number in range(1, 21))


@contextmanager
def broken_server(behaviour: str, requests_seen: list[bytes] | None = None) -> Iterator[int]:
    """A server that takes a request and then breaks the connection off, or says nothing."""
    stop = threading.Event()
    seen = [] if requests_seen is None else requests_seen
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def serve() -> None:
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    continue
                with connection:
                    connection.settimeout(2)
                    if behaviour == "reset":
                        seen.append(connection.recv(100_000))
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    else:
                        stop.wait(2)

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(server.getsockname()[1])
        stop.set()
        thread.join()


@pytest.mark.parametrize("behaviour", ["reset", "hang", "nobody"])
@pytest.mark.parametrize("channel", HTTP)
def test_what_may_have_arrived_is_sent_again_as_a_repeat(
    company: Company, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, channel: str, behaviour: str
) -> None:
    good = {name: value for name in CHANNELS if (value := os.environ[variable_of(name)])}
    due(company, channel)
    if behaviour == "nobody":
        monkeypatch.setenv(variable_of(channel), f"{channel}+http://127.0.0.1:{free_port()}/x")
        assert channel in company.retry(patience(timeout=0.2))
    else:
        requests_seen: list[bytes] = []
        with broken_server(behaviour, requests_seen) as port:
            monkeypatch.setenv(variable_of(channel), f"{channel}+http://127.0.0.1:{port}/x")
            assert channel in company.retry(patience(timeout=0.2))
        # No library sends again on its own what may have been received: it would not be marked.
        assert len(requests_seen) == (4 if behaviour == "reset" else 0)
    monkeypatch.setenv(variable_of(channel), good[channel])
    assert company.retry(patience()) == {}
    assert [(got.is_repeat, got.items) for got in inbox.received] == [(behaviour != "nobody", (("A1", "new"),))]


def test_a_mail_server_that_breaks_off_after_the_text_gets_it_again_as_a_repeat(company: Company, inbox: Inbox) -> None:
    inbox.smtp_answers = ["reset"]
    due(company, "mail")
    assert company.retry(patience()) == {}
    assert [got.is_repeat for got in inbox.received] == [False, True]
    first, second = (email.message_from_string(raw, policy=email.policy.default) for _, raw in inbox.mails)
    assert first["Message-ID"] == second["Message-ID"]
    assert second["Subject"].startswith("[repeat] ")


def test_a_mail_server_that_hangs_or_is_not_there_was_told_nothing(
    company: Company, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = variable_of("mail")
    good = os.environ[variable]
    due(company, "mail")
    with broken_server("hang") as port:
        monkeypatch.setenv(variable, f"smtp://127.0.0.1:{port}?from=a@example.com&to=b@example.com")
        assert "mail" in company.retry(patience(timeout=0.2))
    monkeypatch.setenv(variable, f"smtp://127.0.0.1:{free_port()}?from=a@example.com&to=b@example.com")
    assert "mail" in company.retry(patience(timeout=0.2))
    monkeypatch.setenv(variable, good)
    assert company.retry(patience()) == {}
    assert [got.is_repeat for got in inbox.received] == [False]


def test_a_recipient_who_is_to_be_tried_later_gets_it_later_and_the_others_only_once(
    company: Company, inbox: Inbox
) -> None:
    inbox.refused_recipients = {"controller@example.com": "450 greylisted"}
    due(company, "mail")
    assert "some of its recipients" in company.retry(patience())["mail"]
    inbox.refused_recipients = {}
    assert company.retry(patience()) == {}
    assert [recipients for recipients, _ in inbox.mails] == [["finance+alerts@example.com"], ["controller@example.com"]]
    assert [got.is_repeat for got in inbox.received] == [False, False]


def test_an_address_that_is_unknown_for_good_keeps_nothing_from_the_others(company: Company, inbox: Inbox) -> None:
    inbox.refused_recipients = {"controller@example.com": "550 no such user"}
    due(company, "mail")
    assert company.retry(patience()) == {}
    assert [recipients for recipients, _ in inbox.mails] == [["finance+alerts@example.com"]]


def test_a_password_is_not_sent_in_the_clear(company: Company, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = variable_of("mail")
    address = os.environ[variable].replace("smtp://", "smtp://tieout:hunter22hunter@")
    monkeypatch.setenv(variable, address)
    due(company, "mail")
    assert "offers no TLS" in company.retry(patience())["mail"]
    assert inbox.received == []


def test_a_page_that_says_200_is_not_slack(company: Company, inbox: Inbox) -> None:
    inbox.answers = [lambda: Response("<html>Please log in</html>")]
    due(company, "slack")
    assert company.retry(patience()) == {"slack": "what answered is not Slack"}
    assert company.retry(patience()) == {}
    assert inbox.items() == [("A1", "new")]


def test_a_refusal_that_teams_hides_in_a_success_is_one(company: Company, inbox: Inbox) -> None:
    text = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ..."
    inbox.answers = [lambda: Response(text)]
    due(company, "teams")
    assert company.retry(patience()) == {}
    assert (inbox.requests, inbox.items()) == (2, [("A1", "new")])


def test_a_channel_that_is_down_does_not_keep_the_others_from_being_told(
    company: Company, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable_of("slack"), f"slack+http://127.0.0.1:{free_port()}/x")
    company.routes("msp,,critical,slack,,", "msp,,critical,teams,,", "msp,,critical,mail,,")
    company.put([alert("Corporate / Complex")])
    monkeypatch.setenv("TIEOUT_ALERT_ATTEMPTS", "1")
    assert company.tell() == 1
    assert {got.channel for got in inbox.received} == {"teams", "mail"}


def test_a_channel_without_an_address_says_which_variable_to_set(company: Company) -> None:
    due(company, "finance-team")
    troubles = company.retry(patience())
    assert troubles == {
        "finance-team": "Alert channel 'finance-team' has no address: set TIEOUT_CHANNEL_FINANCE_TEAM_URL"
    }
    assert company.retry(patience()) == troubles


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://hooks.slack.com/services/T/B/x", "SlackChannel"),
        ("https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=y", "TeamsChannel"),
        ("https://default1.2.environment.api.powerplatform.com/x", "TeamsChannel"),
        ("slack+https://chat.example.com/hooks/x", "SlackChannel"),
        ("smtps://u:p%40ss@mail.example.com?from=a@b.example&to=c@d.example", "MailChannel"),
        ("file:///var/log/alerts.jsonl", "FileChannel"),
    ],
)
def test_the_address_tells_what_a_channel_is(monkeypatch: pytest.MonkeyPatch, address: str, kind: str) -> None:
    monkeypatch.setenv("TIEOUT_CHANNEL_X_URL", address)
    assert type(open_channel("x", 1)).__name__ == kind


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/hooks.slack.com", "https://nothooks.slack.com.example/x", "ftp://x/y", "smtp://mail", "x"],
)
def test_an_address_of_no_known_kind_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("TIEOUT_CHANNEL_X_URL", address)
    with pytest.raises(SettingError, match="TIEOUT_CHANNEL_X_URL") as refused:
        open_channel("x", 1)
    assert address not in str(refused.value) or address == "x"


def test_no_address_is_ever_logged_written_or_shown(
    company: Company, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = ("slack-secret-0123456789", "teams-secret-0123456789")
    logs.start(tmp_path / "logs")
    inbox.answers = [lambda: Response(status=403)]
    company.routes("msp,,critical,slack,,", "msp,,critical,teams,,")
    company.put([alert("Corporate / Complex")])
    company.tell()
    for name in HTTP:
        monkeypatch.setenv(variable_of(name), f"{name}+http://127.0.0.1:{free_port()}/{name}-secret-0123456789?sig=abc")
    company.put([])
    monkeypatch.setenv("TIEOUT_ALERT_ATTEMPTS", "1")
    assert company.tell() == 1
    # What a library says of an error holds the path: it is masked as well.
    with pytest.raises(requests.exceptions.ConnectionError, match="teams-secret-0123456789") as failed:
        requests.post(f"http://127.0.0.1:{free_port()}/teams-secret-0123456789?sig=abc", timeout=1)
    logs.failure("alerts", failed.value)
    logs.stop()
    written = b"".join(path.read_bytes() for path in company.root.rglob("*") if path.is_file())
    written += b"".join(path.read_bytes() for path in (tmp_path / "logs").iterdir())
    shown = capsys.readouterr()
    for secret in secrets:
        assert secret.encode() not in written
        assert secret not in shown.out + shown.err


def test_the_file_holds_whole_messages_and_names_each_alert(company: Company, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIEOUT_CHANNEL_LOG_URL", (tmp_path / "alerts.jsonl").as_uri())
        due(company, "log", "Corporate / Complex", "Unassigned / Simple")
        assert company.retry(patience()) == {}
    lines = [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["reference"], line["kind"], line["is_repeat"]) for line in lines] == [
        ("A1", "new", False),
        ("A2", "new", False),
    ]
    assert "-2923.20 GBP" in lines[0]["sentence"]


NASTY = "Corporate <!channel> & <b>x</b> [click](http://evil.example) *bold*"


def rendered(company: Company, channel: str) -> str:
    company.routes(*(f"msp,,{severity},{channel},," for severity in ("critical", "warning", "info")))
    company.put([alert(NASTY), alert("Case 2", severity="warning")])
    with opened(company.ledger) as ledger, ledger.rehearsal():
        observation = read_mart(company.output_dir)
        assert observation is not None
        evaluate(ledger, observation, read_routes(company.root))
        ((name, text),) = rehearse(ledger, 1)
    assert name == channel
    return text


def test_slack_shows_the_severity_as_a_colour_and_text_as_text(company: Company, inbox: Inbox) -> None:
    assert inbox.received == []
    body = json.loads(rendered(company, "slack"))
    critical, warning = body["attachments"]
    assert (critical["color"], warning["color"]) == ("#b3261e", "#b26a00")
    (block,) = critical["blocks"]
    assert "&lt;!channel&gt; &amp; &lt;b&gt;x&lt;/b&gt;" in block["text"]["text"]
    assert "variance GBP -2,923.20 (limit 2,000.00)" in block["text"]["text"]
    assert body["text"] == "tieout MSP: 2 alerts (1 critical new, 1 warning new)"


def test_teams_gets_a_card_in_which_no_text_becomes_a_link(company: Company, inbox: Inbox) -> None:
    assert inbox.received == []
    (attachment,) = json.loads(rendered(company, "teams"))["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    containers = [block for block in attachment["content"]["body"] if block["type"] == "Container"]
    assert [block["style"] for block in containers] == ["attention", "warning"]
    assert r"\[click\]\(http://evil.example\) \*bold\*" in containers[0]["items"][1]["text"]


def test_a_mail_is_text_and_html_and_no_text_becomes_markup(company: Company, inbox: Inbox) -> None:
    assert inbox.received == []
    raw = rendered(company, "mail")
    assert rendered(company, "mail") == raw
    message = email.message_from_string(raw, policy=email.policy.default)
    plain, markup = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert markup is not None
    assert NASTY in plain.get_content()
    assert "&lt;b&gt;x&lt;/b&gt;" in markup.get_content()
    assert "<b>" not in markup.get_content()
    assert message["To"] == "finance+alerts@example.com, controller@example.com"


def test_retry_after_is_seconds_or_a_date() -> None:
    assert seconds_to_wait("7") == 7
    assert seconds_to_wait("-1") == 0
    assert seconds_to_wait("soon") is None
    assert seconds_to_wait(None) is None
    in_a_minute = seconds_to_wait(format_datetime(datetime.now(UTC) + timedelta(minutes=1), usegmt=True))
    assert in_a_minute is not None
    assert 50 < in_a_minute <= 60


def test_a_hanging_channel_is_given_up_after_the_timeout(
    company: Company, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert inbox.received == []
    due(company, "slack")
    with broken_server("hang") as port:
        monkeypatch.setenv(variable_of("slack"), f"slack+http://127.0.0.1:{port}/x")
        started = time.perf_counter()
        company.retry(Patience(timeout=0.1, attempts=2, sleep=lambda _: None))
        assert time.perf_counter() - started < 5
