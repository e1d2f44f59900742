"""The log of the runner, one line an event: logs/tieout.log to read, logs/tieout.jsonl for programs.

Both hold the same events with the same fields (step, what happened, rows, seconds), are rotated and hold no secret.
"""

from __future__ import annotations

import json
import logging
import os
import re
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LOGGER = logging.getLogger("tieout")
_EXCEPTHOOK = threading.excepthook
_SECRET_NAME = re.compile(
    r"password|passwd|secret|token(?!i)|private_key|passphrase|api_key|access_key|account_key|credential|connection_string"
    r"|webhook|^TIEOUT_CHANNEL_\w+_URL$",
    re.IGNORECASE,
)
# The path of a file is no secret, and to hide it would hide what went wrong.
_NO_SECRET = re.compile(r"_(path|file)$", re.IGNORECASE)
_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_MOST_BYTES = 5_000_000
_MASK = "*****"
_SHORTEST = 4
# A line of a key or a part of an address may be an everyday word where it is shorter.
_SHORTEST_PART = 8
_SHORTEST_WORD = 16

_secrets: set[str] = set()


class _Readable(logging.Formatter):
    """`2026-06-30T06:00:01Z INFO pid=17 step=export mart=costs rows=2`."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 (logging's names)
        return _time(record)

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


class _Json(logging.Formatter):
    """One JSON object, its values masked before they are quoted: a quoted secret would not be recognized."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {"time": _time(record), "level": record.levelname, "pid": record.process}
        line |= {name: _plain(value) for name, value in getattr(record, "fields", {}).items()}
        if record.exc_info:
            line["traceback"] = mask(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class _File(RotatingFileHandler):
    """A file that may not be writable any more (a full disk): the run goes on without a log, and says nothing of it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        pass


def keep_secret(value: str) -> None:
    """Mask this value from now on wherever the runner logs or prints an error."""
    if len(value) >= _SHORTEST:
        _secrets.add(value)


def keep_address_secret(address: str) -> None:
    """Mask an address from now on, whole and in the parts that errors of a library show: path, query and password."""
    for value in _parts_of_address(address):
        keep_secret(value)


def mask(text: str) -> str:
    """Replace every secret in a text: values given to `keep_secret` and of environment variables named like one.

    A secret is known in every way it may be written: quoted in an address, in Python or JSON, or line by line.
    """
    values = set(_secrets)
    for name, value in os.environ.items():
        if len(value) >= _SHORTEST and is_secret_name(name):
            values.add(value)
            if _ADDRESS.match(value):
                values.update(_parts_of_address(value))
    spellings = {spelling for value in values for spelling in _spellings(value)}
    for spelling in sorted(spellings, key=lambda spelling: (-len(spelling), spelling)):
        text = text.replace(spelling, _MASK)
    return text


def is_secret_name(name: str) -> bool:
    """Tell whether a setting of this name holds a secret."""
    return bool(_SECRET_NAME.search(name)) and not _NO_SECRET.search(name)


def start(folder: Path) -> Path:
    """Log to `folder`/tieout.log and tieout.jsonl from now on (5 files of 5 MB each are kept); gives the first's path.

    A folder that cannot be written leaves the run without a log rather than stopping it.
    """
    path = folder / "tieout.log"
    # A library whose thread breaks would have its traceback printed.
    threading.excepthook = _thread_failed
    _LOGGER.setLevel(logging.INFO)
    _LOGGER.propagate = False
    _close()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, formatter in (
            (path, _Readable("%(asctime)s %(levelname)s pid=%(process)d %(message)s")),
            (path.with_suffix(".jsonl"), _Json()),
        ):
            handler = _File(file, maxBytes=_MOST_BYTES, backupCount=4, encoding="utf-8", delay=True)
            handler.setFormatter(formatter)
            _LOGGER.addHandler(handler)
    except OSError:
        _LOGGER.addHandler(logging.NullHandler())
    return path


def stop() -> None:
    """Close the log."""
    threading.excepthook = _EXCEPTHOOK
    _close()


def _close() -> None:
    for handler in list(_LOGGER.handlers):
        _LOGGER.removeHandler(handler)
        with suppress(OSError):
            # A full disk takes the last lines no more than those before.
            handler.close()


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    failure("thread", failed.exc_value or failed.exc_type())


def event(step: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Log one event of a step; in the readable log values with spaces are quoted."""
    given = {"step": step, **{name: value for name, value in fields.items() if value is not None}}
    pairs = [f"{name}={_value(value)}" for name, value in given.items()]
    _LOGGER.log(level, "%s", " ".join(pairs), extra={"fields": given})


def failure(step: str, error: BaseException) -> None:
    """Log an error with its traceback, the only place where one is shown."""
    fields = {"step": step, "error": str(error), "error_type": type(error).__name__}
    _LOGGER.error("step=%s error=%s", step, _value(error), exc_info=error, extra={"fields": fields})


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = " ".join(str(value).split())
    return f'"{text}"' if " " in text or not text else text


def _plain(value: object) -> object:
    if isinstance(value, bool | int):
        return value
    return round(value, 3) if isinstance(value, float) else mask(str(value))


def _time(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))


@lru_cache(maxsize=256)
def _spellings(value: str) -> frozenset[str]:
    lines = [line.strip() for line in value.splitlines()] if "\n" in value else []
    plain = {value, " ".join(value.split()), *(line for line in lines if len(line) >= _SHORTEST_PART)}
    return frozenset(
        spelling
        for text in plain
        for spelling in (
            text,
            urllib.parse.quote(text),
            urllib.parse.quote(text, safe=""),
            urllib.parse.quote_plus(text),
            urllib.parse.unquote(text),
            repr(text)[1:-1],
            json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
        )
        if len(spelling) >= _SHORTEST
    )


def _parts_of_address(address: str) -> Iterator[str]:
    yield address
    yield address.partition("+")[2] if "+" in address.partition("://")[0] else address
    try:
        parts = urllib.parse.urlsplit(address)
    except ValueError:
        return
    if parts.scheme.lower() == "file":
        return
    if parts.password:
        yield parts.password
    if parts.scheme.lower().startswith("smtp"):
        return
    path_and_query = parts.path + (f"?{parts.query}" if parts.query else "")
    yield from (part for part in (path_and_query, parts.path, parts.query) if len(part) >= _SHORTEST_PART)
    words = [*parts.path.split("/"), *(value for _, value in urllib.parse.parse_qsl(parts.query))]
    yield from (word for word in words if len(word) >= _SHORTEST_WORD)
