"""The command `tieout`. Exit codes: 0 all well, 1 the data failed a test, 2 could not run, 3 another run is going."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from runner import deployment, logs, settings
from runner.alerts import commands as alert_commands
from runner.environment_file import apply_environment
from runner.errors import SettingError, TieoutError
from runner.schedule import commands as schedule_commands
from runner.screen import say, screen
from runner.unattended import write_screen_to

if TYPE_CHECKING:
    from runner.seed_problems import SeedProblem

app = typer.Typer(
    name="tieout",
    help="Ties service charges, revenue and support figures back to the raw tables, every difference with its cause.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def common(
    env_file: Annotated[
        Path | None,
        typer.Option("--env-file", help="File of NAME=value lines that outweigh the environment."),
    ] = None,
    project_dir: Annotated[
        Path | None, typer.Option("--project-dir", help="Folder of dbt_project.yml.  \\[default: TIEOUT_PROJECT_DIR]")
    ] = None,
    unattended: Annotated[
        bool, typer.Option("--unattended", help="Write to logs/unattended.log what would be on the screen.")
    ] = False,
) -> None:
    """Settle what is the same for every command; its options read the environment after this."""
    try:
        if env_file:
            apply_environment(env_file)
        if project_dir:
            os.environ["TIEOUT_PROJECT_DIR"] = str(project_dir.absolute())
        if unattended:
            write_screen_to(settings.log_dir())
    except TieoutError as error:
        _say(str(error))
        raise typer.Exit(error.exit_code) from None


rules = typer.Typer(help="The rules that classify and value the work of the provider.", no_args_is_help=True)
app.add_typer(rules, name="rules")

_P = ParamSpec("_P")

RawDir = Annotated[
    Path | None,
    typer.Option(
        envvar="TIEOUT_RAW_DIR",
        help="Folder of the raw files, <schema>/<table>.parquet or .csv.  \\[default: data/sample]",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(envvar="TIEOUT_AS_OF", help="Moment the figures look at, ISO 8601 UTC.  \\[default: now]"),
]
Target = Annotated[
    str | None,
    typer.Option(
        envvar="TIEOUT_TARGET",
        help="Output in profiles.yml for all domains.  \\[default: as tieout.yml says, else duckdb]",
    ),
]
OutputDir = Annotated[
    Path | None,
    typer.Option(envvar="TIEOUT_OUTPUT_DIR", help="Folder the exports are written to.  \\[default: exports]"),
]
SelectDomain = Annotated[
    list[str] | None,
    typer.Option(
        envvar="TIEOUT_SELECT_DOMAIN", help="Domain to build: msp, revenue or support; repeatable.  \\[default: all]"
    ),
]
EvidenceDir = Annotated[
    Path | None,
    typer.Option(envvar="TIEOUT_EVIDENCE_DIR", help="Folder the packs are written to.  \\[default: evidence]"),
]
FullRefresh = Annotated[bool, typer.Option("--full-refresh", help="Build every table anew, not only what changed.")]
Alerts = Annotated[
    bool, typer.Option("--alerts", envvar="TIEOUT_ALERTS", help="Deliver alerts afterwards, even where the run fails.")
]


def _command(function: Callable[_P, int]) -> Callable[_P, None]:
    """Turn what a command gives back into its exit code, and every error into one sentence."""

    @functools.wraps(function)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            _start_log()
            code = function(*args, **kwargs)
        except TieoutError as error:
            logs.failure("refused", error)
            _tell(error)
            code = error.exit_code
        except KeyboardInterrupt:
            _say("Stopped; the exports are those of the run before.")
            code = 2
        except Exception as error:  # noqa: BLE001 (the last resort: one sentence for the user, the rest in the log)
            logs.failure("unexpected", error)
            first = (str(error).splitlines() or [""])[0]
            _say(
                f"Unexpected {type(error).__name__}: {first} (the traceback is in {settings.log_dir() / 'tieout.log'})."
            )
            code = 2
        raise typer.Exit(code)

    return guarded


@app.command()
@_command
def demo(raw_dir: RawDir = None, output_dir: OutputDir = None, full_refresh: FullRefresh = False) -> int:
    """Make sample data where there is none, then run on it as of its last second."""
    from runner import run as runs
    from runner import sample_data

    folder = raw_dir.resolve() if raw_dir else settings.project_dir() / "data" / "sample"
    console = screen()
    if not folder.exists():
        say(console, f"Making sample data in {folder} ...")
        sample_data.make(sample_data.SampleFacts(), folder)
    as_of = datetime.combine(sample_data.facts_of(folder).end, time(23, 59, 59))
    return runs.run(
        settings.resolve(
            raw_dir=folder,
            as_of=as_of.isoformat(),
            target=deployment.EMBEDDED,
            output_dir=output_dir,
            full_refresh=full_refresh,
        ),
        console,
    )


@app.command()
@_command
def run(
    raw_dir: RawDir = None,
    as_of: AsOf = None,
    target: Target = None,
    output_dir: OutputDir = None,
    select_domain: SelectDomain = None,
    full_refresh: FullRefresh = False,
    alerts: Alerts = False,
) -> int:
    """Check the seeds, build, test, export the marts and show the figures."""
    from runner import run as runs

    given = settings.resolve(
        raw_dir=raw_dir,
        as_of=as_of,
        target=target,
        output_dir=output_dir,
        select_domain=select_domain or (),
        full_refresh=full_refresh,
    )
    if not alerts:
        return runs.run(given, screen())
    from runner.alerts.service import run_and_tell

    return run_and_tell(given, screen(), runs.run)


@app.command()
@_command
def sample(
    scale: Annotated[float, typer.Option(help="Size; 1 is the demo's.")] = 1,
    seed: Annotated[int, typer.Option(help="Start of the random numbers: the same seed, the same files.")] = 1,
    months: Annotated[int, typer.Option(help="Months of history.")] = 26,
    end: Annotated[str, typer.Option(help="Last day, YYYY-MM-DD.")] = "2026-06-30",
    out: Annotated[Path | None, typer.Option(help="Folder to write to.  \\[default: data/sample]")] = None,
) -> int:
    """Make sample data, dirt and all, with the truth about every fault in it."""
    from runner import sample_data

    folder = out.resolve() if out else settings.project_dir() / "data" / "sample"
    try:
        last = datetime.strptime(end, "%Y-%m-%d").date()  # noqa: DTZ007 (a day, no moment)
    except ValueError:
        raise SettingError(f"--end is '{end}', which is no day: write it like 2026-06-30.") from None
    sample_data.make(sample_data.SampleFacts(scale=scale, seed=seed, months=months, end=last), folder)
    say(screen(), f"Sample data is in {folder}.")
    return 0


@app.command()
@_command
def export(target: Target = None, output_dir: OutputDir = None) -> int:
    """Write the exports again from the warehouse as the last run left it."""
    from runner import run as runs

    return runs.export(settings.resolve(target=target, output_dir=output_dir), screen())


@app.command()
@_command
def evidence(
    month: Annotated[str, typer.Argument(help="Month, YYYY-MM.")],
    domain: Annotated[str, typer.Option(help="msp or revenue.")] = "revenue",
    target: Target = None,
    evidence_dir: EvidenceDir = None,
) -> int:
    """Write the auditor's pack of a month: figures, what they follow from, rules, control totals, tests, hashes."""
    from runner.evidence import parse_finance_domain, parse_month, write_evidence

    resolved = settings.resolve(target=target)
    named, first_day = parse_finance_domain(domain), parse_month(month)
    return write_evidence(resolved, named, first_day, _evidence_folder(evidence_dir, resolved), screen())


@app.command()
@_command
def close(
    domain: Annotated[str, typer.Argument(help="msp or revenue.")],
    month: Annotated[str, typer.Argument(help="Month, YYYY-MM.")],
    by: Annotated[str | None, typer.Option(help="Who closes it.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Tell only whether it can be closed.")] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            envvar="TIEOUT_AS_OF", help="Moment the last run must have looked at, ISO 8601 UTC.  \\[default: any]"
        ),
    ] = None,
    target: Target = None,
    evidence_dir: EvidenceDir = None,
) -> int:
    """Close a month as of the last run: check that it can be, keep its figures, write the seed row and the evidence."""
    from runner import close as closing
    from runner.evidence import parse_month

    resolved = settings.resolve(target=target)
    named, first_day = closing.parse_domain(domain), parse_month(month)
    if by is None and not check:
        raise SettingError("Who closes the month? Give --by NAME, or --check to see whether it can be closed.")
    return closing.close(
        resolved,
        named,
        first_day,
        None if check else by,
        settings.parse_as_of(as_of) if as_of else None,
        _evidence_folder(evidence_dir, resolved),
        screen(),
    )


@app.command()
@_command
def report(output_dir: OutputDir = None) -> int:
    """Write the report, one HTML page, again from the exports."""
    from runner import run as runs

    return runs.report(settings.resolve(output_dir=output_dir), screen())


@app.command()
@_command
def parity(
    first: Annotated[
        str, typer.Argument(help="Target, already built; tieout.yml for all those of that file together.")
    ],
    second: Annotated[str, typer.Argument(help="What to compare it with, built as of the same moment.")],
) -> int:
    """Compare every mart on two targets: rows, sums and every differing value."""
    from runner.parity import report

    sides = [settings.resolve(target=None if name == deployment.FILE else name) for name in (first, second)]
    return report((first, sides[0]), (second, sides[1]), screen())


@app.command()
@_command
def check(
    target: Target = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Write the seeds over as they are read, where a spreadsheet damaged them.")
    ] = False,
) -> int:
    """Check the seeds without building anything: exit code 1 where one is refused."""
    from runner import profiles
    from runner.like_patterns import problems_in_rules
    from runner.seed_checks import inspect_seeds

    found = settings.resolve(target=target)
    seeds_dir = found.project_dir / "seeds"
    report = inspect_seeds(seeds_dir)
    problems = list(report.findings)
    kinds = {profiles.target_output(part)["type"] for part in found.by_target()}
    if "sqlserver" in kinds and not (report.of("refused") or report.normalized):
        problems += problems_in_rules(found.project_dir)
    console = screen()
    if problems:
        console.print(_findings(problems))
    if fix and report.normalized:
        report.rewrite()
        say(console, f"{len(report.normalized)} seeds are written as they were read; 'git diff' shows what changed.")
    refused = sum(problem.verdict == "refused" for problem in problems)
    counts = f"{refused} refused, {len(report.of('normalized'))} normalized, {len(report.of('warning'))} warnings"
    say(console, f"Seeds: {counts}." if problems else "Seeds: all well.")
    return 1 if refused else 0


@rules.command(name="diff")
@_command
def rules_diff(target: Target = None) -> int:
    """Show what the rule seeds as edited would move: tasks, points and GBP. The warehouse stays as it is."""
    from runner.rules_diff import report

    return report(settings.resolve(target=target), screen())


@app.command()
@_command
def doctor(raw_dir: RawDir = None, target: Target = None, output_dir: OutputDir = None) -> int:
    """Say what is missing on this machine and how to get it."""
    from runner.doctor import examine

    findings = examine(settings.resolve(raw_dir=raw_dir, target=target, output_dir=output_dir))
    table = Table("", "what", "state", "remedy", box=None, pad_edge=False)
    for finding in findings:
        mark = Text("missing", style="red") if finding.is_missing else Text("ok", style="green")
        table.add_row(mark, finding.item, Text(finding.state), Text(finding.remedy))
    screen().print(table)
    return 2 if any(finding.is_missing for finding in findings) else 0


@app.command()
@_command
def deps() -> int:
    """Put the dbt packages in place: from the package hub, or the stand-in where it cannot be reached."""
    from runner import deps as packages

    say(screen(), packages.install(settings.project_dir()))
    return 0


app.add_typer(alert_commands.application(_command), name="alerts")
app.add_typer(schedule_commands.application(_command), name="schedule")


def _evidence_folder(given: Path | None, resolved: settings.Settings) -> Path:
    return given.resolve() if given else resolved.project_dir / "evidence"


def _findings(problems: Sequence[SeedProblem]) -> Table:
    table = Table(
        "file", "row", "column", "value", "problem", "remedy", "verdict", title="Seeds to mend", title_justify="left"
    )
    for problem in problems:
        row = str(problem.row) if problem.row else ""
        cells = (problem.file, row, problem.column, problem.value, problem.problem, problem.remedy, problem.verdict)
        table.add_row(*(Text(cell, overflow="fold") for cell in cells))
    return table


def _start_log() -> None:
    # Log and refusals need a project folder; where there is none the command itself says so.
    try:
        logs.start(settings.log_dir())
    except SettingError:
        return


def _tell(error: TieoutError) -> None:
    from runner.seed_problems import SeedCheckError

    if isinstance(error, SeedCheckError):
        Console(stderr=True).print(_findings(error.problems))
    _say(str(error))


def _say(sentence: str) -> None:
    say(Console(stderr=True), logs.mask(sentence), style="red")
