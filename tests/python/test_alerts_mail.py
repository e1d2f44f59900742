"""Mail over STARTTLS with a login, to a server with a certificate: what arrives, and what is said where it does not."""

from __future__ import annotations

import io
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from alert_standins import Company, Inbox, alert, free_port
from rich.console import Console

from runner.alerts.channels import variable_of

# The stand-in does not know of a TLS that was there from the start.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

USER, PASSWORD = "tieout@example.com", "p@ss/w%rd & more"


class Server:
    """A mail server that talks about mail over TLS only, and only with one user."""

    def __init__(self, authority: trustme.CA, *, is_tls_from_start: bool) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        self.inbox = Inbox()
        self.logins: list[tuple[bool, bytes, bytes]] = []
        self.port = free_port()
        self.controller = Controller(
            self.inbox,
            hostname="localhost",
            port=self.port,
            ssl_context=context if is_tls_from_start else None,
            authenticator=self.judge,
            auth_required=True,
            auth_require_tls=not is_tls_from_start,
            tls_context=None if is_tls_from_start else context,
            require_starttls=not is_tls_from_start,
        )

    def judge(self, server: SMTP, session: Session, _: Envelope, __: str, given: object) -> AuthResult:
        assert isinstance(given, LoginPassword)
        is_encrypted = session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None  # type: ignore[union-attr]
        self.logins.append((is_encrypted, given.login, given.password))
        is_known = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_known, handled=False)

    def address(self, password: str = PASSWORD, scheme: str = "smtp") -> str:
        user = f"{quote(USER, safe='')}:{quote(password, safe='')}"
        return f"{scheme}://{user}@localhost:{self.port}?from={USER}&to=finance@example.com"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that trusts the authority, as it would one of the company."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.fixture(params=["smtp", "smtps"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(authority: trustme.CA, scheme: str) -> Iterator[Server]:
    server = Server(authority, is_tls_from_start=scheme == "smtps")
    server.controller.start()
    yield server
    server.controller.stop()


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company(tmp_path / "company")
    company.routes("msp,,critical,mail,,")
    company.put([alert("Corporate / Complex")])
    return company


def told(company: Company) -> tuple[int, str]:
    """The exit code of a delivery, and what it said."""
    screen = io.StringIO()
    return company.tell(Console(file=screen)), screen.getvalue()


@pytest.mark.usefixtures("trusted")
def test_mail_goes_out_over_tls_with_a_login(
    company: Company, server: Server, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable_of("mail"), server.address(scheme=scheme))
    assert told(company)[0] == 0
    assert server.logins == [(True, USER.encode(), PASSWORD.encode())]
    assert [recipients for recipients, _ in server.inbox.mails] == [["finance@example.com"]]
    assert server.inbox.items() == [("A1", "new")]


@pytest.mark.usefixtures("trusted")
def test_a_password_that_is_refused_is_one_sentence_and_the_alert_stays_due(
    company: Company, server: Server, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable_of("mail"), server.address("of-last-year", scheme))
    code, said = told(company)
    assert code == 1
    assert said == (
        "Channel mail: the mail server refused the user or the password (535); what it should be told stays due.\n"
    )
    assert set(server.logins) == {(True, USER.encode(), b"of-last-year")}
    assert server.inbox.received == []
    monkeypatch.setenv(variable_of("mail"), server.address(scheme=scheme))
    assert told(company)[0] == 0
    assert [(got.is_repeat, got.items) for got in server.inbox.received] == [(False, (("A1", "new"),))]


def test_a_server_that_nobody_vouches_for_is_given_no_password(
    company: Company, server: Server, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable_of("mail"), server.address(scheme=scheme))
    code, said = told(company)
    assert code == 1
    assert "Channel mail: the certificate of the mail server is not to be trusted (unable to get local issuer" in said
    assert server.logins == []
    assert server.inbox.received == []
