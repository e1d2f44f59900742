"""E-mail, by SMTP: `smtp://user:password@host:587?from=..&to=..,..`, or smtps:// for TLS from the first byte."""

from __future__ import annotations

import contextlib
import json
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate
from functools import cache
from urllib.parse import unquote, urlsplit

import jinja2

from runner.alerts.channels.base import UndeliveredError
from runner.alerts.channels.mail_addresses import addresses_of, options_of
from runner.alerts.messages import REPEAT, Letter

_PORTS = {"smtp": 25, "smtps": 465}


class MailChannel:
    """A mail server and the people it writes to."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._is_tls_from_start = parts.scheme == "smtps"
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._from, self._to = addresses_of(parts.query)
        self._may_be_plain = options_of(parts.query).get("tls", "").lower() == "off"
        self._timeout = timeout

    def render(self, letter: Letter) -> str:
        """See `Channel.render`."""
        return self._message(letter).as_string()

    def send(self, letter: Letter, recipients_left: str | None) -> str | None:
        """See `Channel.send`."""
        message = self._message(letter)
        message["Date"] = formatdate(usegmt=True)
        recipients = json.loads(recipients_left) if recipients_left else self._to
        server = self._connected()
        try:
            left = _sent(server, message, self._from, recipients)
        except smtplib.SMTPResponseException as error:
            raise UndeliveredError(
                f"the mail server answered {error.smtp_code}", is_temporary=error.smtp_code < 500, is_of_message=True
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise UndeliveredError(f"the mail server broke off ({type(error).__name__})", is_uncertain=True) from error
        finally:
            # How the server takes the goodbye changes nothing.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()
        return json.dumps(left) if left else None

    def _connected(self) -> smtplib.SMTP:
        """Connect and log in; nothing was sent where that fails."""
        try:
            if self._is_tls_from_start:
                context = ssl.create_default_context()
                return self._logged_in(smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=context))
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
            server.ehlo_or_helo_if_needed()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            elif self._user and not self._may_be_plain:
                server.close()
                raise UndeliveredError(
                    "the mail server offers no TLS, and a password is not sent in the clear (tls=off allows it)",
                    is_temporary=False,
                )
            return self._logged_in(server)
        except smtplib.SMTPAuthenticationError as error:
            raise UndeliveredError(
                f"the mail server refused the user or the password ({error.smtp_code})",
                is_temporary=error.smtp_code < 500,
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise UndeliveredError(
                f"the certificate of the mail server is not to be trusted ({error.verify_message})", is_temporary=False
            ) from error
        except smtplib.SMTPResponseException as error:
            raise UndeliveredError(
                f"the mail server answered {error.smtp_code}", is_temporary=error.smtp_code < 500
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise UndeliveredError(f"the mail server cannot be reached ({type(error).__name__})") from error

    def _logged_in(self, server: smtplib.SMTP) -> smtplib.SMTP:
        if self._user:
            server.login(self._user, self._password)
        return server

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._from
        message["To"] = ", ".join(self._to)
        message["Subject"] = f"{'[repeat] ' if letter.is_repeat else ''}{letter.title} ({letter.summary})"[:200]
        # A repeat has the identity of what it repeats: many mail programs then show one.
        message["Message-ID"] = f"<{letter.identity}@tieout.invalid>"
        message["Auto-Submitted"] = "auto-generated"
        templates = _templates()
        facts = {"letter": letter, "repeat": REPEAT if letter.is_repeat else ""}
        message.set_content(templates.get_template("alert_mail.txt.j2").render(facts))
        message.add_alternative(templates.get_template("alert_mail.html.j2").render(facts), subtype="html")
        # A random one would make each writing of the same message another.
        message.set_boundary(f"=_{letter.identity}")
        return message


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("runner"),
        autoescape=jinja2.select_autoescape(["html.j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def _sent(server: smtplib.SMTP, message: EmailMessage, sender: str, recipients: Sequence[str]) -> list[str]:
    """Send to every recipient the server takes; gives those it asks to try later.

    An address it will never take is left out: it must not keep the message from the others again and again.
    """
    try:
        refused = server.send_message(message, sender, list(recipients))
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
        later = _later(refused)
        raise UndeliveredError(
            f"the mail server takes none of its {len(recipients)} recipients", is_temporary=bool(later)
        ) from error
    return _later(refused)


def _later(refused: dict[str, tuple[int, bytes]]) -> list[str]:
    return sorted(address for address, (code, _) in refused.items() if code < 500)
