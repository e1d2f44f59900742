"""A file that messages are appended to: readable text, or JSON lines where its name ends in .jsonl."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from runner.alerts.channels.base import UndeliveredError
from runner.alerts.messages import REPEAT, Letter


class FileChannel:
    """A file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def render(self, letter: Letter) -> str:
        """See `Channel.render`."""
        return _lines(letter) if self._path.suffix == ".jsonl" else _text(letter)

    def send(self, letter: Letter, recipients_left: str | None) -> str | None:  # noqa: ARG002 (one recipient)
        """See `Channel.send`."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                start = file.tell()
                try:
                    file.write(self.render(letter).encode())
                    file.flush()
                    os.fsync(file.fileno())
                except OSError:
                    # A full disk leaves no half of a message.
                    file.truncate(start)
                    raise
        except OSError as error:
            raise UndeliveredError(f"{self._path} cannot be written ({error.strerror or error})") from error
        return None


def _text(letter: Letter) -> str:
    lines = [f"{letter.title} ({letter.summary}), as of {letter.as_of}"]
    lines += [f"  {REPEAT}"] if letter.is_repeat else []
    for item in letter.items:
        lines += [f"  [{item.reference}] {item.headline}: {item.sentence}", f"      {item.details}"]
    return "\n".join(lines) + "\n\n"


def _lines(letter: Letter) -> str:
    shared = {"message": letter.identity, "as_of": letter.as_of, "is_repeat": letter.is_repeat}
    return "".join(json.dumps({**shared, **asdict(item)}, ensure_ascii=False) + "\n" for item in letter.items)
