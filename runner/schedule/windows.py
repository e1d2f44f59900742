"""Windows Task Scheduler: a task in XML, registered by schtasks.

Elements and their order are those of the published schema ([MS-TSCH], section 2.5).
"""

from __future__ import annotations

import getpass
import os
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from runner.errors import SettingError, TieoutError
from runner.schedule.base import call, said
from runner.schedule.entry import Entry
from runner.schedule.timing import Daily

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
# A day on which nothing is due yet; times without a zone are those of the machine, through summer and winter.
_FIRST_DAY = "2026-01-01"
_REPLACED = re.compile(r"%[^%]+%|\$\(")


class Windows:
    """Tasks of the Windows Task Scheduler."""

    kind = "windows"
    advice = (
        "The task runs whether or not you are logged on, with no password kept (S4U): it reaches no network folder and "
        "no server as a Windows user."
    )

    def rendered(self, entry: Entry) -> str:
        """See `Scheduler.rendered`."""
        task = _task(entry)
        ET.indent(task)
        return f'<?xml version="1.0" encoding="UTF-16"?>\n{ET.tostring(task, encoding="unicode")}\n'

    def owner_mark(self, entry: Entry) -> str:
        """See `Scheduler.owner_mark`."""
        element = ET.Element("Description")
        element.text = entry.description
        return ET.tostring(element, encoding="unicode")

    def installed(self, name: str) -> str | None:
        """See `Scheduler.installed`."""
        done = call(["schtasks", "/query", "/tn", name, "/xml"])
        return None if done.returncode else _decoded(done.stdout)

    def install(self, entry: Entry) -> None:
        """See `Scheduler.install`."""
        with tempfile.TemporaryDirectory(prefix="tieout-schedule-") as folder:
            path = Path(folder) / "task.xml"
            path.write_text(self.rendered(entry), encoding="utf-16", newline="\r\n")
            _control("/create", "/tn", entry.name, "/xml", str(path), "/f")

    def remove(self, name: str) -> None:
        """See `Scheduler.remove`."""
        _control("/delete", "/tn", name, "/f")


def _task(entry: Entry) -> ET.Element:
    for text in (str(entry.python), *entry.arguments, str(entry.project_dir)):
        if _REPLACED.search(text):
            raise SettingError(f"Windows would put something in place of %..% or $( in '{text}': move it elsewhere.")
    task = ET.Element("Task", {"version": "1.2", "xmlns": NAMESPACE})
    _add(task, "RegistrationInfo", {"URI": f"\\{entry.name}", "Description": entry.description})
    trigger = ET.SubElement(ET.SubElement(task, "Triggers"), "CalendarTrigger")
    _add(trigger, None, {"Enabled": "true", "StartBoundary": f"{_FIRST_DAY}T{_start(entry)}"})
    if not isinstance(entry.timing, Daily):
        repetition = {"Interval": _duration(entry.timing.minutes), "Duration": "P1D", "StopAtDurationEnd": "false"}
        _add(trigger, "Repetition", repetition)
    _add(trigger, "ScheduleByDay", {"DaysInterval": "1"})
    principal = ET.SubElement(ET.SubElement(task, "Principals"), "Principal", {"id": "Author"})
    _add(principal, None, {"UserId": _user(), "LogonType": "S4U", "RunLevel": "LeastPrivilege"})
    _add(
        task,
        "Settings",
        {
            "AllowStartOnDemand": "true",
            "MultipleInstancesPolicy": "IgnoreNew",
            "DisallowStartIfOnBatteries": "false",
            "StopIfGoingOnBatteries": "false",
            "AllowHardTerminate": "true",
            "StartWhenAvailable": "true",
            "Enabled": "true",
            "ExecutionTimeLimit": _duration(entry.limit_minutes),
        },
    )
    actions = ET.SubElement(task, "Actions", {"Context": "Author"})
    _add(
        actions,
        "Exec",
        {
            "Command": str(entry.python),
            "Arguments": subprocess.list2cmdline(entry.arguments),
            "WorkingDirectory": str(entry.project_dir),
        },
    )
    return task


def _add(parent: ET.Element, name: str | None, texts: dict[str, str]) -> None:
    """Add elements with a text, in this order, within one of their own where it is named."""
    element = parent if name is None else ET.SubElement(parent, name)
    for key, text in texts.items():
        ET.SubElement(element, key).text = text


def _start(entry: Entry) -> str:
    return f"{entry.timing.at:%H:%M}:00" if isinstance(entry.timing, Daily) else "00:00:00"


def _duration(minutes: int) -> str:
    """ISO 8601."""
    return f"PT{minutes // 60}H" if minutes % 60 == 0 else f"PT{minutes}M"


def _user() -> str:
    domain = os.environ.get("USERDOMAIN")
    return f"{domain}\\{getpass.getuser()}" if domain else getpass.getuser()


def _decoded(output: bytes) -> str:
    # In UTF-16 where it is a file, in the code page of the console where it is a pipe.
    if output[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return output.decode("utf-16")
    return output.decode("oem" if os.name == "nt" else "utf-8", errors="replace")


def _control(*arguments: str) -> None:
    done = call(["schtasks", *arguments])
    if done.returncode:
        raise TieoutError(
            f"The Task Scheduler refused 'schtasks {arguments[0]}' ({said(done)}): "
            "try again from a prompt that was started as administrator."
        )
