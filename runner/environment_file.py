"""The environment of a run that nobody starts by hand: a file of NAME=value lines, read the same on every platform."""

from __future__ import annotations

import os
from pathlib import Path

from runner.errors import SettingError


def read_environment(path: Path) -> dict[str, str]:
    """Read a file of NAME=value lines. Quotes around a value are taken off; `$` stands as it is.

    Raises:
        SettingError: it cannot be read, or a line of it is no setting; no value is shown.
    """
    from dotenv.parser import parse_stream

    try:
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise SettingError(f"The env file {path} cannot be read ({reason}): give one with --env-file.") from error
    values: dict[str, str] = {}
    for binding in bindings:
        if binding.error or (binding.key is not None and binding.value is None):
            raise SettingError(f"Line {binding.original.line} of the env file {path} is no setting: write NAME=value.")
        if binding.key is not None and binding.value is not None:
            values[binding.key] = binding.value
    return values


def apply_environment(path: Path) -> None:
    """Set what the file says; it outweighs what is set already, so that a run by hand is the scheduled one.

    Raises:
        SettingError: it cannot be read.
    """
    os.environ.update(read_environment(path))
