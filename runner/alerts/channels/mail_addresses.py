"""Who a mail channel writes as, and to whom."""

from __future__ import annotations

from urllib.parse import parse_qs


def options_of(query: str) -> dict[str, str]:
    """The options in the query of a channel's address."""
    # A plus is part of many addresses, and no space.
    return {name: values[-1].strip() for name, values in parse_qs(query.replace("+", "%2B")).items()}


def addresses_of(query: str) -> tuple[str, list[str]]:
    """The sender and the recipients in the query of a channel's address; empty where they are not named."""
    options = options_of(query)
    recipients = [address.strip() for address in options.get("to", "").split(",")]
    return options.get("from", ""), [address for address in recipients if address]
