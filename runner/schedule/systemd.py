"""systemd: a service and a timer of the user."""

from __future__ import annotations

import os
from pathlib import Path

from runner.errors import BusyError, SettingError, TieoutError
from runner.schedule.base import call, said
from runner.schedule.entry import Entry
from runner.schedule.timing import Daily, Timing


class Systemd:
    """Timers of the user's systemd."""

    kind = "systemd"
    advice = "Timers of a user stop when the user logs out, unless 'loginctl enable-linger' has been run once."

    def rendered(self, entry: Entry) -> str:
        """See `Scheduler.rendered`."""
        return "\n".join(f"# {path}\n{text}" for path, text in units(entry).items())

    def owner_mark(self, entry: Entry) -> str:
        """See `Scheduler.owner_mark`."""
        return f"Description={_value(entry.description)}\n"

    def installed(self, name: str) -> str | None:
        """See `Scheduler.installed`."""
        found = [path for path in _paths(name) if path.is_file()]
        return "\n".join(f"# {path}\n{path.read_text(encoding='utf-8')}" for path in found) if found else None

    def install(self, entry: Entry) -> None:
        """See `Scheduler.install`."""
        _control("show-environment")
        try:
            for path, text in units(entry).items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise TieoutError(
                f"{error.filename} cannot be written ({error.strerror}): give yourself the right to."
            ) from error
        _control("daemon-reload")
        _control("enable", f"{entry.name}.timer")
        # A timer that is going would keep its old times.
        _control("restart", f"{entry.name}.timer")

    def remove(self, name: str) -> None:
        """See `Scheduler.remove`."""
        _control("disable", "--now", f"{name}.timer")
        for path in _paths(name):
            path.unlink(missing_ok=True)
        _control("daemon-reload")


def units(entry: Entry) -> dict[Path, str]:
    """The unit files of an entry: where each goes, and what is in it.

    Raises:
        SettingError: systemd would not start this Python.
    """
    if set(str(entry.python)) & set("\"'\\"):
        raise SettingError(f"systemd starts no program with quotes in its path ({entry.python}): choose --with cron.")
    service, timer = _paths(entry.name)
    # Variables are put in place of $ in the arguments, and not in the program.
    arguments = (_word(text).replace("$", "$$") for text in entry.arguments)
    command = " ".join([_word(str(entry.python)), *arguments])
    return {
        service: _unit(
            ("Unit", {"Description": _value(entry.description)}),
            (
                "Service",
                {
                    "Type": "oneshot",
                    "WorkingDirectory": _value(str(entry.project_dir)),
                    "ExecStart": command,
                    "TimeoutStartSec": f"{entry.limit_minutes}min",
                    # Another run is going: nothing is wrong.
                    "SuccessExitStatus": str(BusyError.exit_code),
                },
            ),
        ),
        timer: _unit(
            ("Unit", {"Description": _value(f"{entry.description}, {entry.timing}")}),
            ("Timer", {"OnCalendar": when(entry.timing), "Persistent": "true"}),
            ("Install", {"WantedBy": "timers.target"}),
        ),
    }


def when(timing: Timing) -> str:
    """A moment as systemd writes it, in the local time of the machine."""
    if isinstance(timing, Daily):
        return f"*-*-* {timing.at:%H:%M}:00"
    if timing.minutes % 60:
        return f"*-*-* *:0/{timing.minutes}:00"
    return f"*-*-* 0/{timing.minutes // 60}:00:00"


def _unit(*sections: tuple[str, dict[str, str]]) -> str:
    return "\n".join(
        "\n".join([f"[{name}]", *(f"{key}={value}" for key, value in settings.items()), ""])
        for name, settings in sections
    )


def _paths(name: str) -> tuple[Path, Path]:
    base = os.environ.get("XDG_CONFIG_HOME")
    folder = (Path(base) if base else Path.home() / ".config") / "systemd" / "user"
    return folder / f"{name}.service", folder / f"{name}.timer"


def _value(text: str) -> str:
    """A whole value: systemd would put something in place of %."""
    return text.replace("%", "%%")


def _word(text: str) -> str:
    """A word of a command line, in which quotes and backslashes mean something as well."""
    for character in ("\\", '"'):
        text = text.replace(character, f"\\{character}")
    return f'"{_value(text)}"'


def _control(*arguments: str) -> None:
    done = call(["systemctl", "--user", *arguments])
    if done.returncode:
        raise TieoutError(
            f"systemd refused 'systemctl --user {' '.join(arguments)}' ({said(done)}): "
            "log in as the user who is to run it, or choose --with cron."
        )
