"""What a scheduler starts: this Python, in the project's folder, with no secret among its arguments."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from runner.errors import SettingError
from runner.schedule.timing import Timing

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Entry:
    """A scheduled run."""

    name: str
    """What the scheduler knows it by."""
    project_dir: Path
    env_file: Path | None
    """File that the run takes its environment from."""
    timing: Timing
    limit_minutes: int
    """A run that takes longer is ended."""
    python: Path = Path(sys.executable)

    @property
    def arguments(self) -> list[str]:
        """What Python is given."""
        env_file = ["--env-file", str(self.env_file)] if self.env_file else []
        project = ["--project-dir", str(self.project_dir)]
        return ["-m", "runner", "--unattended", *project, *env_file, "run", "--alerts"]

    @property
    def description(self) -> str:
        """What it is, for people, and whose: the same for every entry of a project folder."""
        return f"tieout in {self.project_dir}"


def check_name(name: str) -> str:
    """Give a name that every scheduler takes.

    Raises:
        SettingError: it is none.
    """
    if not _NAME.fullmatch(name):
        raise SettingError(f"--name is '{name}': begin with a letter, then letters, digits, - and _ only.")
    return name


def check_paths(entry: Entry) -> None:
    """Refuse a path that no scheduler can be given.

    Raises:
        SettingError: a path holds a line break or another control character.
    """
    for path in (entry.project_dir, entry.python, entry.env_file):
        if path is not None and not str(path).isprintable():
            raise SettingError(f"The path {str(path)!r} holds characters that no scheduler takes: move it.")
