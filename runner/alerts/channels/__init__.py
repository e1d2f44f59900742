"""The ways to tell somebody; which one a channel is, is said by its address in the environment."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from runner import logs, settings
from runner.alerts.channels.base import Channel
from runner.alerts.channels.mail_addresses import addresses_of
from runner.errors import SettingError

_KINDS = ("slack", "teams", "smtp", "smtps", "file")
_HOSTS = {
    "slack": ("hooks.slack.com", "hooks.slack-gov.com"),
    "teams": ("logic.azure.com", "powerplatform.com", "webhook.office.com"),
}
_FILE = "file"
_WRITTEN_LIKE = {
    "slack": "https://hooks.slack.com/services/...",
    "teams": "https://....logic.azure.com/workflows/...",
    "smtp": "smtp://user:password@host:587?from=a@example.com&to=b@example.com (marks in a password percent-encoded)",
    "smtps": "smtps://user:password@host?from=a@example.com&to=b@example.com (marks in a password percent-encoded)",
    "file": "file:///var/log/tieout/alerts.txt",
}


def variable_of(channel: str) -> str:
    """Name of the environment variable that holds the address of a channel."""
    return f"TIEOUT_CHANNEL_{re.sub(r'[^A-Za-z0-9]+', '_', channel).strip('_').upper()}_URL"


def open_channel(name: str, timeout: float) -> Channel:
    """Give the channel of a name; its address is a secret from here on.

    Raises:
        SettingError: it has no address, or one that cannot be used.
    """
    variable = variable_of(name)
    address = os.environ.get(variable, "").strip()
    if not address:
        if name.lower() == _FILE:
            from runner.alerts.channels.file import FileChannel

            return FileChannel(settings.log_dir() / "alerts.txt")
        raise SettingError(f"Alert channel '{name}' has no address: set {variable}.")
    logs.keep_address_secret(address)
    kind, url = _kind(address)
    if kind and not _is_whole(kind, url):
        # What is wrong with it is not said: it may be a piece of a password.
        raise SettingError(f"{variable} cannot be used: write it like {_WRITTEN_LIKE[kind]}.")
    if kind == "slack":
        from runner.alerts.channels.slack import SlackChannel

        return SlackChannel(url, timeout)
    if kind == "teams":
        from runner.alerts.channels.teams import TeamsChannel

        return TeamsChannel(url, timeout)
    if kind in ("smtp", "smtps"):
        from runner.alerts.channels.mail import MailChannel

        return MailChannel(url, timeout)
    if kind == _FILE:
        from runner.alerts.channels.file import FileChannel

        return FileChannel(Path(url2pathname(urlsplit(url).path)))
    raise SettingError(
        f"{variable} is no address tieout knows: begin it with slack+https://, teams+https://, smtp://, smtps:// or "
        "file:///."
    )


def _is_whole(kind: str, url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if any(character.isspace() or not character.isprintable() for character in url):
        return False
    if kind == _FILE:
        return not host and not parts.path.endswith("/") and bool(parts.path)
    if kind in ("slack", "teams"):
        return bool(host) and bool(parts.path.strip("/"))
    sender, recipients = addresses_of(parts.query)
    return bool(host) and bool(recipients) and all("@" in address for address in (sender, *recipients))


def _kind(address: str) -> tuple[str, str]:
    """What an address leads to, and the address without the word that says so."""
    scheme, _, rest = address.partition("://")
    kind, plus, transport = scheme.lower().partition("+")
    if plus and kind in ("slack", "teams") and transport in ("http", "https"):
        return kind, f"{transport}://{rest}"
    if kind in _KINDS:
        return kind, address
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return "", address
    found = [kind for kind, hosts in _HOSTS.items() if any(f".{host}".endswith(f".{known}") for known in hosts)]
    return (found[0] if found and scheme.lower() == "https" else ""), address
