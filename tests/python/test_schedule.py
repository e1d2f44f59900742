"""The entries for cron, systemd and Windows: what they say, whom they leave alone, and that they start the run."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from runner.cli import app
from runner.environment_file import read_environment
from runner.errors import SettingError
from runner.schedule.cron import Cron
from runner.schedule.entry import Entry, check_name, check_paths
from runner.schedule.systemd import Systemd, units, when
from runner.schedule.timing import Daily, Every, parse_timing
from runner.schedule.windows import NAMESPACE, Windows

PROJECT = Path(__file__).resolve().parent.parent.parent
KINDS = ("cron", "systemd", "windows")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-ins of the schedulers are shell scripts")

# Each keeps what it is given in a file, as the program it stands in for does.
STANDINS = {
    "crontab": """
        if [ "$1" = -l ]; then
            [ -f "$KEPT/crontab" ] || { echo "no crontab for you" >&2; exit 1; }
            cat "$KEPT/crontab"
        else
            cat > "$KEPT/crontab"
        fi""",
    "systemctl": 'echo "$@" >> "$KEPT/systemctl"',
    "schtasks": """
        task="$KEPT/task of $3"
        case "$1" in
            /query) [ -f "$task" ] || exit 1; cat "$task" ;;
            /create) [ "$6" = /f ] && cp "$5" "$task" ;;
            /delete) rm "$task" ;;
        esac""",
}


class Machine:
    """A machine whose schedulers are stand-ins."""

    def __init__(self, root: Path) -> None:
        self.kept = root / "kept"
        self.kept.mkdir()
        self.programs = root / "bin"
        self.programs.mkdir()
        for name, script in STANDINS.items():
            path = self.programs / name
            path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            path.chmod(0o755)
        self.units = root / "config" / "systemd" / "user"

    @property
    def environment(self) -> dict[str, str]:
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "KEPT": str(self.kept), "XDG_CONFIG_HOME": str(self.units.parents[1]), "COLUMNS": "300"}

    def schedule(self, *arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, ["schedule", *arguments], env=self.environment)
        assert result.exit_code == code, result.output
        return result


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def entry(timing: Every | Daily, folder: str = "/srv/tieout", env_file: str | None = "/etc/tieout.env") -> Entry:
    return Entry("tieout", Path(folder), Path(env_file) if env_file else None, timing, 240, Path("/venv/bin/python"))


@pytest.mark.parametrize(
    ("every", "daily", "timing", "line", "calendar"),
    [
        ("1m", None, Every(1), "* * * * *", "*-*-* *:0/1:00"),
        ("15m", None, Every(15), "*/15 * * * *", "*-*-* *:0/15:00"),
        ("60m", None, Every(60), "0 * * * *", "*-*-* 0/1:00:00"),
        ("1h", None, Every(60), "0 * * * *", "*-*-* 0/1:00:00"),
        ("2 h", None, Every(120), "0 */2 * * *", "*-*-* 0/2:00:00"),
        (None, "06:00", Daily(time(6)), "0 6 * * *", "*-*-* 06:00:00"),
        (None, "6:05", Daily(time(6, 5)), "5 6 * * *", "*-*-* 06:05:00"),
    ],
)
def test_a_time_is_the_same_to_every_scheduler(
    every: str | None, daily: str | None, timing: Every | Daily, line: str, calendar: str
) -> None:
    assert parse_timing(every, daily) == timing
    assert f"\n{line} cd " in Cron().rendered(entry(timing))
    assert f"\nOnCalendar={calendar}\n" in Systemd().rendered(entry(timing))


@pytest.mark.parametrize("every", ["7m", "0m", "90m", "5h", "24h", "15", "-5m", "", "1d"])
def test_a_distance_that_no_clock_keeps_is_refused(every: str) -> None:
    with pytest.raises(SettingError, match="--every"):
        parse_timing(every, None)


@pytest.mark.parametrize("daily", ["24:00", "6", "06:60", "6am", ""])
def test_a_time_of_day_that_is_none_is_refused(daily: str) -> None:
    with pytest.raises(SettingError, match="--daily"):
        parse_timing(None, daily)


def test_one_time_must_be_given(machine: Machine) -> None:
    assert "Give either --every" in machine.schedule("install", "--with", "cron", code=2).output
    assert "Give either --every" in machine.schedule("install", "--every", "5m", "--daily", "06:00", code=2).output
    assert "cron, systemd, windows" in machine.schedule("install", "--every", "5m", "--with", "at", code=2).output


FOREIGN = (
    "MAILTO=\n# m h  dom mon dow   command\nFOO = 'a b'\n0-59/15\t*  * * 7  mail -s x you%hello%world\n"
    "#0 6 * * * off\n@daily /x # caf\xe9"
).encode("latin-1")


def test_foreign_lines_of_a_crontab_are_kept_byte_for_byte(machine: Machine) -> None:
    crontab = machine.kept / "crontab"
    crontab.write_bytes(FOREIGN)
    machine.schedule("install", "--with", "cron", "--daily", "06:00")
    once = crontab.read_bytes()
    assert once.endswith(FOREIGN)
    machine.schedule("install", "--with", "cron", "--daily", "06:00")
    assert crontab.read_bytes() == once
    machine.schedule("install", "--with", "cron", "--every", "15m")
    assert crontab.read_bytes().count(b" -m runner ") == 1
    machine.schedule("install", "--with", "cron", "--every", "15m", "--name", "tieout-2")
    assert crontab.read_bytes().count(b" -m runner ") == 2
    machine.schedule("remove", "--with", "cron")
    machine.schedule("remove", "--with", "cron", "--name", "tieout-2")
    assert crontab.read_bytes() == FOREIGN
    output = machine.schedule("remove", "--with", "cron").output
    assert output == "Nothing is scheduled with cron as 'tieout'.\n"


@pytest.mark.parametrize("message", ["you may not use this program", "error renaming"])
def test_a_crontab_that_cannot_be_read_is_not_written(machine: Machine, message: str) -> None:
    script = machine.programs / "crontab"
    script.write_text(f'#!/bin/sh\n[ "$1" = -l ] || touch "$KEPT/written"\necho "{message}" >&2\nexit 1\n')
    output = machine.schedule("install", "--with", "cron", "--daily", "06:00", code=2).output
    assert output == f"The crontab cannot be read ({message}): it is left as it is.\n"
    assert not (machine.kept / "written").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shown_is_what_is_installed(machine: Machine, kind: str) -> None:
    options = ("--with", kind, "--every", "15m")
    shown = machine.schedule("show", *options).output
    assert machine.schedule("show", "--with", kind).output.startswith("Nothing is scheduled")
    assert sorted(path.name for path in machine.kept.iterdir()) == []
    output = machine.schedule("install", *options).output
    assert f"Scheduled with {kind} as 'tieout': every 15 minutes on the clock of this machine (" in output
    assert machine.schedule("show", "--with", kind).output.replace("\r", "") == shown
    machine.schedule("install", *options)
    assert machine.schedule("show", "--with", kind).output.replace("\r", "") == shown
    assert "no longer scheduled" in machine.schedule("remove", "--with", kind).output
    assert machine.schedule("remove", "--with", kind).output == f"Nothing is scheduled with {kind} as 'tieout'.\n"


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_of_another_folder_is_not_overwritten(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    for name in ("other", "other two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "dbt_project.yml").touch()
    monkeypatch.setenv("TIEOUT_PROJECT_DIR", str(tmp_path / "other two"))
    machine.schedule("install", "--with", kind, "--daily", "06:00")
    before = machine.schedule("show", "--with", kind).output
    monkeypatch.setenv("TIEOUT_PROJECT_DIR", str(tmp_path / "other"))
    output = machine.schedule("install", "--with", kind, "--daily", "07:00", code=2).output
    assert "belongs to another folder: give this run another --name" in output
    assert machine.schedule("show", "--with", kind).output == before
    machine.schedule("install", "--with", kind, "--daily", "07:00", "--name", "other")


@pytest.mark.parametrize("kind", KINDS)
def test_no_entry_holds_a_secret_or_anything_else_of_the_environment(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("TIEOUT_SNOWFLAKE_PASSWORD", "correct-horse")
    monkeypatch.setenv("TIEOUT_RAW_DIR", "/raw/of/this/shell")
    env_file = tmp_path / "tieout.env"
    env_file.write_text("TIEOUT_SNOWFLAKE_PASSWORD=battery-staple\nTIEOUT_AS_OF=2026-06-30\n", encoding="utf-8")
    env_file.chmod(0o644)
    result = machine.schedule("install", "--with", kind, "--daily", "06:00", "--env-file", str(env_file))
    installed = machine.schedule("show", "--with", kind).output
    for secret in ("correct-horse", "battery-staple", "/raw/of/this/shell"):
        assert secret not in result.output + installed
    assert str(env_file) in installed
    assert "set here, but not for the scheduled run: TIEOUT_LOG_DIR, TIEOUT_RAW_DIR;" not in result.output
    assert "TIEOUT_RAW_DIR; put them into the --env-file" in result.output
    assert "TIEOUT_SNOWFLAKE_PASSWORD" not in result.output
    assert "sets TIEOUT_AS_OF" in result.output
    assert f"others than you may read {env_file}" in result.output


def test_an_env_file_that_cannot_be_read_is_refused_before_anything_is_installed(
    machine: Machine, tmp_path: Path
) -> None:
    options = ("install", "--with", "cron", "--daily", "06:00", "--env-file")
    assert "cannot be read (No such file" in machine.schedule(*options, str(tmp_path / "none"), code=2).output
    (tmp_path / "bad").write_text("A=1\nthis is no setting\n", encoding="utf-8")
    output = machine.schedule(*options, str(tmp_path / "bad"), code=2).output
    assert output == f"Line 2 of the env file {tmp_path / 'bad'} is no setting: write NAME=value.\n"
    assert list(machine.kept.iterdir()) == []


def test_an_env_file_is_read_as_it_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_bytes(
        b"\xef\xbb\xbf# a comment\r\nA=plain\r\nexport B='it is $HOME'\r\nC=\"two words\"\r\n\r\nD=p%40$s#1\r\nE=\r\n"
    )
    assert read_environment(path) == {"A": "plain", "B": "it is $HOME", "C": "two words", "D": "p%40$s#1", "E": ""}


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x", "a.b", "a%b", "x" * 64])
def test_a_name_that_a_scheduler_would_read_otherwise_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match="--name"):
        check_name(name)


def test_a_path_that_cannot_be_written_down_is_refused() -> None:
    with pytest.raises(SettingError, match="no scheduler takes"):
        check_paths(entry(Every(15), "/srv/a\nb"))
    with pytest.raises(SettingError, match="too long"):
        Cron().rendered(entry(Every(15), "/srv/" + "x" * 500))
    with pytest.raises(SettingError, match="systemd starts no program"):
        Systemd().rendered(replace(entry(Every(15)), python=Path("/srv/Bob's/python")))
    for folder in ("C:/%TEMP%/x", "C:/$(Arg0)"):
        with pytest.raises(SettingError, match="Windows would put something in place"):
            Windows().rendered(entry(Every(15), folder))


# [MS-TSCH] 2.5: within a sequence the order is fixed, elsewhere any is right.
SEQUENCES = {
    "CalendarTrigger": [
        "Enabled",
        "StartBoundary",
        "EndBoundary",
        "Repetition",
        "ExecutionTimeLimit",
        "RandomDelay",
        "ScheduleByDay",
    ],
}
CHILDREN = {
    "Task": {"RegistrationInfo", "Triggers", "Settings", "Data", "Principals", "Actions"},
    "RegistrationInfo": set("URI SecurityDescriptor Source Date Author Version Description Documentation".split()),
    "Triggers": {"CalendarTrigger"},
    "CalendarTrigger": set(SEQUENCES["CalendarTrigger"]),
    "Repetition": {"Interval", "Duration", "StopAtDurationEnd"},
    "ScheduleByDay": {"DaysInterval"},
    "Principals": {"Principal"},
    "Principal": {"UserId", "LogonType", "GroupId", "DisplayName", "RunLevel"},
    "Settings": set(
        "AllowStartOnDemand RestartOnFailure MultipleInstancesPolicy DisallowStartIfOnBatteries StopIfGoingOnBatteries "
        "AllowHardTerminate StartWhenAvailable NetworkProfileName RunOnlyIfNetworkAvailable WakeToRun Enabled Hidden "
        "DeleteExpiredTaskAfter IdleSettings NetworkSettings ExecutionTimeLimit Priority RunOnlyIfIdle".split()
    ),
    "Actions": {"Exec"},
    "Exec": {"Command", "Arguments", "WorkingDirectory"},
}


def bare(element: ET.Element) -> str:
    namespace, _, name = element.tag.rpartition("}")
    assert namespace == f"{{{NAMESPACE}"
    return name


@pytest.mark.parametrize("timing", [Every(15), Every(120), Daily(time(6, 5))])
def test_a_windows_task_fits_the_published_schema(timing: Every | Daily) -> None:
    task = ET.fromstring(Windows().rendered(entry(timing)).encode("utf-16"))  # noqa: S314 (our own)
    for element in task.iter():
        names = [bare(child) for child in element]
        assert len(names) == len(set(names)), bare(element)
        assert set(names) <= CHILDREN.get(bare(element), set()), bare(element)
        order = SEQUENCES.get(bare(element))
        assert order is None or names == sorted(names, key=order.index)
        assert names or (element.text or "").strip(), bare(element)


def text_of(timing: Every | Daily, path: str, **given: str) -> str | None:
    task = ET.fromstring(Windows().rendered(entry(timing, **given)).encode("utf-16"))  # noqa: S314 (our own)
    return task.findtext("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))


def test_a_windows_task_says_when_and_how() -> None:
    trigger = "Triggers/CalendarTrigger"
    assert text_of(Every(15), f"{trigger}/Repetition/Interval") == "PT15M"
    assert text_of(Every(120), f"{trigger}/Repetition/Interval") == "PT2H"
    assert text_of(Every(15), f"{trigger}/Repetition/Duration") == "P1D"
    assert text_of(Every(15), f"{trigger}/StartBoundary") == "2026-01-01T00:00:00"
    assert text_of(Daily(time(6, 5)), f"{trigger}/StartBoundary") == "2026-01-01T06:05:00"
    assert text_of(Daily(time(6, 5)), f"{trigger}/Repetition/Interval") is None
    for name, value in {
        "MultipleInstancesPolicy": "IgnoreNew",
        "StartWhenAvailable": "true",
        "ExecutionTimeLimit": "PT4H",
        "DisallowStartIfOnBatteries": "false",
    }.items():
        assert text_of(Every(15), f"Settings/{name}") == value
    assert text_of(Every(15), "Principals/Principal/LogonType") == "S4U"
    folder = {"folder": "C:/Finance & Ops/50% done", "env_file": 'C:/My "env"/tieout.env'}
    assert text_of(Every(15), "Actions/Exec/WorkingDirectory", **folder) == "C:/Finance & Ops/50% done"
    assert text_of(Every(15), "Actions/Exec/Command", **folder) == "/venv/bin/python"
    assert text_of(Every(15), "Actions/Exec/Arguments", **folder) == (
        '-m runner --unattended --project-dir "C:/Finance & Ops/50% done" --env-file "C:/My \\"env\\"/tieout.env" '
        "run --alerts"
    )


def test_windows_is_given_a_file_that_says_truly_how_it_is_encoded(machine: Machine) -> None:
    machine.schedule("install", "--with", "windows", "--daily", "06:00")
    written = (machine.kept / "task of tieout").read_bytes()
    assert written.startswith(b"\xff\xfe")
    assert written.decode("utf-16").startswith('<?xml version="1.0" encoding="UTF-16"?>\r\n<Task version="1.2"')
    assert bare(ET.fromstring(written)) == "Task"  # noqa: S314 (our own)


NASTY = '50% of "Bob\'s" $HOME \\ & co'


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not here: nobody looks at the units (apt-get install systemd)")
    folder = tmp_path / NASTY
    folder.mkdir()
    # It looks whether the program is there: a name read otherwise than it is written would not be.
    python = tmp_path / "python 100%home $HOME"
    python.symlink_to(sys.executable)
    written = units(Entry("tieout", folder, folder / "env", Every(15), 240, python))
    for path, text in written.items():
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [analyze, "verify", "--user", *(str(tmp_path / path.name) for path in written)],
        env={"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for timing in (Every(1), Every(15), Every(60), Every(720), Daily(time(0)), Daily(time(23, 59))):
        subprocess.run([analyze, "calendar", when(timing)], capture_output=True, check=True)


def test_systemd_is_told_of_new_units_and_of_old_ones(machine: Machine) -> None:
    machine.schedule("install", "--with", "systemd", "--every", "15m")
    assert sorted(path.name for path in machine.units.iterdir()) == ["tieout.service", "tieout.timer"]
    assert "\nPersistent=true\n" in (machine.units / "tieout.timer").read_text(encoding="utf-8")
    service = (machine.units / "tieout.service").read_text(encoding="utf-8")
    assert f"\nWorkingDirectory={PROJECT}\n" in service
    assert "\nTimeoutStartSec=240min\nSuccessExitStatus=3\n" in service
    machine.schedule("remove", "--with", "systemd")
    assert list(machine.units.iterdir()) == []
    said = [line.removeprefix("--user ") for line in (machine.kept / "systemctl").read_text().splitlines()]
    assert said == [
        "show-environment",
        "daemon-reload",
        "enable tieout.timer",
        "restart tieout.timer",
        "disable --now tieout.timer",
        "daemon-reload",
    ]


def test_without_a_session_of_systemd_nothing_is_written(machine: Machine) -> None:
    script = machine.programs / "systemctl"
    script.write_text("#!/bin/sh\necho 'Failed to connect to bus: No medium found' >&2\nexit 1\n", encoding="utf-8")
    output = machine.schedule("install", "--with", "systemd", "--every", "15m", code=2).output
    assert "Failed to connect to bus: No medium found" in output
    assert "choose --with cron" in output
    assert not machine.units.exists()


def test_a_scheduler_that_is_not_here_is_one_sentence(machine: Machine) -> None:
    (machine.programs / "schtasks").unlink()
    output = machine.schedule("install", "--with", "windows", "--every", "15m", code=2).output
    assert output == "This machine has no schtasks: choose another scheduler by --with cron, systemd or windows.\n"


def as_cron_runs_it(rendered: str) -> str:
    """What cron gives to the shell: the command up to a bare percent sign, without the backslashes before others."""
    (line,) = (line for line in rendered.splitlines() if not line.startswith("#"))
    command = line.split(None, 5)[5]
    assert "%" not in command.replace("\\%", "")
    return command.replace("\\%", "%")


@pytest.mark.parametrize("is_busybox", [False, True])
def test_cron_starts_the_run_in_its_folder_with_the_environment_of_its_file(tmp_path: Path, is_busybox: bool) -> None:
    folder = tmp_path / NASTY
    for path in (folder / "runner", tmp_path / "bin of 100%"):
        path.mkdir(parents=True)
    (folder / "env").touch()
    (folder / "runner" / "__main__.py").write_text(
        "import os, sys\nprint([os.getcwd(), sys.executable, *sys.argv[1:]])\n", encoding="utf-8"
    )
    python = tmp_path / "bin of 100%" / "python"
    python.symlink_to(sys.executable)
    rendered = Cron().rendered(Entry("tieout", folder, folder / "env", Every(15), 240, python))
    # Some crons know no percent sign, and leave the backslash to the shell.
    command = rendered.splitlines()[3].split(None, 5)[5] if is_busybox else as_cron_runs_it(rendered)
    environment = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, text=True, check=True)
    arguments = ["--unattended", "--project-dir", str(folder), "--env-file", str(folder / "env"), "run", "--alerts"]
    assert done.stdout == f"{[str(folder), str(python), *arguments]}\n"
    assert shlex.split(as_cron_runs_it(rendered))[:2] == ["cd", str(folder)]


def test_a_run_that_nobody_looks_at_keeps_its_screen_in_a_file_that_stays_small(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "dbt_project.yml").touch()
    env_file = tmp_path / "env"
    env_file.write_text(f"TIEOUT_LOG_DIR={tmp_path / 'logs'}\nTIEOUT_AS_OF=of-the-file\n", encoding="utf-8")
    log = tmp_path / "logs" / "unattended.log"
    log.parent.mkdir()
    log.write_bytes(b"x" * 5_000_001)
    options = ["--unattended", "--project-dir", str(tmp_path / "project"), "--env-file", str(env_file)]
    done = subprocess.run(
        [sys.executable, "-m", "runner", *options, "run"],
        cwd=PROJECT,
        env=os.environ | {"TIEOUT_AS_OF": "of-the-shell"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (2, "")
    header, sentence = log.read_text(encoding="utf-8").splitlines()
    assert header.startswith("--- 20")
    assert "as_of (--as-of, TIEOUT_AS_OF) is 'of-the-file'" in sentence
    assert log.with_name("unattended.1.log").stat().st_size == 5_000_001


def test_an_env_file_that_is_not_there_is_refused_by_the_run_too(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--env-file", str(tmp_path / "none"), "run"])
    assert result.exit_code == 2
    assert result.stderr == (
        f"The env file {tmp_path / 'none'} cannot be read (No such file or directory): give one with --env-file.\n"
    )
