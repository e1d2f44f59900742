"""How long the connector of Snowflake waits for a server that has gone: by itself it tries again for ever."""

from __future__ import annotations

import os

from runner.errors import SettingError

VARIABLE = "TIEOUT_SNOWFLAKE_TIMEOUT_SECONDS"

_SECONDS = 3600
_LOGIN_SECONDS = 60


def seconds() -> int:
    """Seconds after which a statement is given up (`TIEOUT_SNOWFLAKE_TIMEOUT_SECONDS`, default 3600).

    The connector knows one limit for both: a server that no longer answers, and a statement that takes too long.

    Raises:
        SettingError: the setting is no positive number.
    """
    given = os.environ.get(VARIABLE) or str(_SECONDS)
    if not given.isdecimal() or not int(given):
        raise SettingError(f"{VARIABLE} is '{given}': give a number of seconds, like {_SECONDS}.")
    return int(given)


def login_seconds() -> int:
    """Seconds after which logging in is given up."""
    return min(_LOGIN_SECONDS, seconds())


def limit() -> None:
    """Set the limits for the connections that dbt opens in this process: its profiles have no setting for them.

    Raises:
        SettingError: the setting is no positive number.
    """
    from snowflake.connector.connection import DEFAULT_CONFIGURATION

    for name, value in (("network_timeout", seconds()), ("login_timeout", login_seconds())):
        DEFAULT_CONFIGURATION[name] = (value, (type(None), int))
