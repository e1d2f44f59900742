"""The log of the runner: logs/tieout.log, one line an event, `key=value` pairs, rotated, never a secret in it."""

from __future__ import annotations

import logging
import os
import re
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LOGGER = logging.getLogger("tieout")
_SECRET_NAME = re.compile(r"password|passwd|secret|token|private_key|passphrase|api_key|webhook", re.IGNORECASE)
_MEGABYTE = 1_000_000
_MASK = "*****"

_secrets: set[str] = set()


class _Masked(logging.Formatter):
    """Formats a record and its traceback, with every known secret masked."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 (logging's name)
        return time.strftime(datefmt or "%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


def keep_secret(value: str) -> None:
    """Mask this value from now on wherever the runner logs or prints an error."""
    if len(value) >= 4:
        _secrets.add(value)


def mask(text: str) -> str:
    """Replace every secret in a text: values given to `keep_secret` and of environment variables named like one."""
    from_environment = {value for name, value in os.environ.items() if len(value) >= 4 and _SECRET_NAME.search(name)}
    for secret in sorted(_secrets | from_environment, key=len, reverse=True):
        text = text.replace(secret, _MASK)
    return text


def is_secret_name(name: str) -> bool:
    """Tell whether a setting of this name holds a secret."""
    return bool(_SECRET_NAME.search(name))


def start(folder: Path) -> Path:
    """Log to `folder`/tieout.log from now on (5 files of 1 MB are kept) and give its path.

    A folder that cannot be written leaves the run without a log rather than stopping it.
    """
    path = folder / "tieout.log"
    _LOGGER.setLevel(logging.INFO)
    _LOGGER.propagate = False
    stop()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=_MEGABYTE, backupCount=4, encoding="utf-8", delay=True)
    except OSError:
        _LOGGER.addHandler(logging.NullHandler())
        return path
    handler.setFormatter(_Masked("%(asctime)sZ %(levelname)s pid=%(process)d %(message)s", "%Y-%m-%dT%H:%M:%S"))
    _LOGGER.addHandler(handler)
    return path


def stop() -> None:
    """Close the log."""
    for handler in list(_LOGGER.handlers):
        _LOGGER.removeHandler(handler)
        handler.close()


def event(step: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Log one event of a step; values with spaces are quoted."""
    pairs = [f"{name}={_value(value)}" for name, value in fields.items() if value is not None]
    _LOGGER.log(level, " ".join([f"step={step}", *pairs]))


def failure(step: str, error: BaseException) -> None:
    """Log an error with its traceback, the only place where one is shown."""
    _LOGGER.error("step=%s error=%s", step, _value(error), exc_info=error)


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = " ".join(str(value).split())
    return f'"{text}"' if " " in text or not text else text
