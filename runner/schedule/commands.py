"""`tieout schedule`: hand the daily run to the scheduler of the machine, take it back, and show it."""

from __future__ import annotations

import os
import platform
import shutil
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from runner import settings
from runner.environment_file import read_environment
from runner.errors import SettingError, TieoutError
from runner.schedule.base import Scheduler
from runner.schedule.cron import Cron
from runner.schedule.entry import Entry, check_name, check_paths
from runner.schedule.systemd import Systemd
from runner.schedule.timing import minutes_of, parse_timing
from runner.schedule.windows import Windows
from runner.screen import say, screen

Guard = Callable[[Callable[..., int]], Callable[..., None]]

_SCHEDULERS: tuple[type[Scheduler], ...] = (Cron, Systemd, Windows)

EveryOption = Annotated[str | None, typer.Option("--every", help="Minutes or hours between runs: 15m, 2h.")]
DailyOption = Annotated[str | None, typer.Option("--daily", help="Time of day, of this machine: 06:00.")]
With = Annotated[str | None, typer.Option("--with", help="cron, systemd or windows.  \\[default: what is here]")]
EnvFile = Annotated[
    Path | None, typer.Option("--env-file", help="File of NAME=value lines that each run takes its environment from.")
]
Name = Annotated[str, typer.Option(help="What the scheduler is to call it; several runs need several names.")]
TimeLimit = Annotated[str, typer.Option(help="End a run that takes longer.")]


def application(guard: Guard) -> typer.Typer:
    """Give the commands; `guard` turns what one gives back into its exit code."""
    app = typer.Typer(help="Start 'tieout run --alerts' by cron, systemd or Windows.", no_args_is_help=True)
    app.command()(guard(install))
    app.command()(guard(remove))
    app.command()(guard(show))
    return app


def install(
    every: EveryOption = None,
    daily: DailyOption = None,
    with_: With = None,
    env_file: EnvFile = None,
    name: Name = "tieout",
    time_limit: TimeLimit = "4h",
) -> int:
    """Have the run started from now on; what was installed under the name is replaced."""
    scheduler = _scheduler(with_)
    entry = _entry(every, daily, env_file, name, time_limit)
    warnings = _warnings(entry)
    scheduler.rendered(entry)
    before = scheduler.installed(name)
    if before is not None and scheduler.owner_mark(entry) not in before:
        raise TieoutError(
            f"'{name}' of {scheduler.kind} belongs to another folder: give this run another --name, or remove that one "
            f"with 'tieout schedule remove --name {name}'."
        )
    scheduler.install(entry)
    console = screen()
    zone = datetime.now().astimezone().tzname()
    say(
        console,
        f"Scheduled with {scheduler.kind} as '{name}': {entry.timing} on the clock of this machine ({zone}); "
        "figures are as of the start of each run, in UTC.",
    )
    say(console, scheduler.advice)
    for warning in warnings:
        say(console, f"Warning: {warning}", style="bold yellow")
    return 0


def remove(with_: With = None, name: Name = "tieout") -> int:
    """Have the run no longer started; other entries of the scheduler stay."""
    scheduler = _scheduler(with_)
    if scheduler.installed(check_name(name)) is None:
        say(screen(), f"Nothing is scheduled with {scheduler.kind} as '{name}'.")
        return 0
    scheduler.remove(name)
    say(screen(), f"'{name}' is no longer scheduled with {scheduler.kind}.")
    return 0


def show(
    every: EveryOption = None,
    daily: DailyOption = None,
    with_: With = None,
    env_file: EnvFile = None,
    name: Name = "tieout",
    time_limit: TimeLimit = "4h",
) -> int:
    """Show what is scheduled; with --every or --daily exactly what would be installed, on any machine."""
    scheduler = _scheduler(with_)
    if every is None and daily is None:
        text = scheduler.installed(check_name(name))
        if text is None:
            text = f"Nothing is scheduled with {scheduler.kind} as '{name}'."
    else:
        text = scheduler.rendered(_entry(every, daily, env_file, name, time_limit))
    say(screen(), text.rstrip("\n"))
    return 0


def _entry(every: str | None, daily: str | None, env_file: Path | None, name: str, time_limit: str) -> Entry:
    minutes = minutes_of(time_limit, "--time-limit")
    if not minutes:
        raise SettingError("--time-limit is 0: give the time a run may take, like 4h.")
    entry = Entry(
        name=check_name(name),
        project_dir=settings.project_dir(),
        env_file=env_file.absolute() if env_file else None,
        timing=parse_timing(every, daily),
        limit_minutes=minutes,
    )
    check_paths(entry)
    return entry


def _scheduler(given: str | None) -> Scheduler:
    known = {scheduler.kind: scheduler for scheduler in _SCHEDULERS}
    kind = given.strip().lower() if given else _kind_here()
    if kind not in known:
        raise SettingError(f"--with is '{given}': give one of {', '.join(known)}.")
    return known[kind]()


def _kind_here() -> str:
    if platform.system() == "Windows":
        return Windows.kind
    if Path("/run/systemd/system").is_dir() and shutil.which("systemctl"):
        return Systemd.kind
    if shutil.which("crontab"):
        return Cron.kind
    raise TieoutError(
        "This machine has neither systemd nor cron: install one, or have another scheduler start 'tieout run --alerts'."
    )


def _warnings(entry: Entry) -> list[str]:
    """What will be otherwise in a scheduled run than here; names only, as values may be secrets."""
    found = []
    values = read_environment(entry.env_file) if entry.env_file else {}
    only_here = sorted(name for name in os.environ if name.startswith("TIEOUT_") and name not in values)
    only_here = [name for name in only_here if name != "TIEOUT_PROJECT_DIR"]
    if only_here:
        found.append(f"set here, but not for the scheduled run: {', '.join(only_here)}; put them into the --env-file.")
    if "TIEOUT_AS_OF" in values:
        found.append(f"{entry.env_file} sets TIEOUT_AS_OF: every run will show the figures as of that moment.")
    if entry.env_file and os.name == "posix" and entry.env_file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        found.append(f"others than you may read {entry.env_file}: 'chmod 600' it where it holds secrets.")
    return found
