"""make bench: what a full build and the next day's run cost, as ratios of one another.

For each domain, on a sample of BENCH_SCALE (400 unless given; 400 is ten million tasks under 40 category rules, and
800,000 deals with some 15 million schedule rows and as many ledger entries):

- a full build of the sample up to a day, as `tieout run` builds, beside the same SQL statements run straight through
  DuckDB in one connection;
- the run of the next day, when the rows of that day have come in and as_of has moved on, beside the full build;
- the most memory a build held;

and for support the statements that measure elapsed time: over cases as they are beside the same cases in a quarter of
the time, and over twice the number of cases. Exports are not part of a build here. The ratios are of processor time
(user and system), which does not depend on who else uses the machine; wall time stands beside it. Exit code 1 where a
ratio misses its goal.

Environment: BENCH_SCALE; BENCH_DOMAINS (all of them); BENCH_DIR (data/bench), where samples are kept for the next time.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

REPOSITORY = Path(__file__).resolve().parents[2]
STEPS = Path(__file__).with_name("steps.py")
MORE_RULES = Path(__file__).with_name("more_task_category_rules.csv")

# The next day is a day like others: what would be written after the end of the sample is pressed into its last days.
END_OF_SAMPLE = date(2026, 6, 30)
NEXT_DAY = date(2026, 6, 26)
DAY_BEFORE = NEXT_DAY - timedelta(days=1)
# What makes 15 million schedule rows and 16 million entries of the sample's 6.5 and 4.1: contracts that have not ended
# run three years longer, and every entry is posted in four parts.
MONTHS_LONGER = 36
PARTS_OF_AN_ENTRY = 4
CASES_MEASURED = 200_000
SHORTER = 4

GOALS_SCALE = 400
MOST_OVER_STRAIGHT = 1.5
MOST_OF_FULL_NEXT_DAY = 0.1
MOST_GIGABYTES = 8.0
MOST_FOR_LONGER_CASES = 1.25
MOST_FOR_TWICE_THE_CASES = 2.4


@dataclass(frozen=True)
class Cost:
    """What a process took."""

    cpu: float
    wall: float
    gigabytes: float

    def __str__(self) -> str:
        return f"{self.cpu:.1f} s ({self.wall:.1f} s)"


@dataclass(frozen=True)
class Figure:
    """A ratio (or a size) and what it must not exceed."""

    what: str
    costs: str
    value: float
    goal: float

    @property
    def is_met(self) -> bool:
        """Tell whether the goal is reached."""
        return self.value <= self.goal


def main() -> int:
    """Measure, print the table, and give the exit code."""
    scale = float(os.environ.get("BENCH_SCALE") or GOALS_SCALE)
    domains = (os.environ.get("BENCH_DOMAINS") or "msp revenue support").replace(",", " ").split()
    folder = Path(os.environ.get("BENCH_DIR") or REPOSITORY / "data" / "bench").resolve() / f"scale_{scale:g}"
    console = Console()
    raw, held_back = _sample(scale, folder)
    figures: list[Figure] = []
    for domain in domains:
        console.print(f"measuring {domain} at scale {scale:g}")
        figures += _domain(domain, raw, held_back, folder / domain)
    if "support" in domains:
        figures += _elapsed_time(raw, folder / "elapsed_time")
    _show(figures, scale, console)
    return 0 if all(figure.is_met for figure in figures) else 1


def _sample(scale: float, folder: Path) -> tuple[Path, Path]:
    """The sample up to the next day, and as it was a day before, made where they are not there yet."""
    up_to_next_day, up_to_day_before = folder / f"raw_up_to_{NEXT_DAY}", folder / f"raw_up_to_{DAY_BEFORE}"
    if up_to_next_day.exists() and up_to_day_before.exists():
        return up_to_next_day, up_to_day_before
    whole = folder / "whole"
    shutil.rmtree(whole, ignore_errors=True)
    size = ["--scale", f"{scale:g}", "--end", str(END_OF_SAMPLE)]
    _measure([sys.executable, "-m", "runner", "sample", *size, "--out", str(whole)])
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '3GB'")
        connection.execute("set preserve_insertion_order = true")
        for part, last_day in ((up_to_next_day, NEXT_DAY), (up_to_day_before, DAY_BEFORE)):
            making = folder / "making"
            shutil.rmtree(making, ignore_errors=True)
            shutil.rmtree(part, ignore_errors=True)
            for file in sorted(whole.glob("*/*.parquet")):
                if file.parent.name != "truth":
                    written = _written_when(connection, file)
                    kept = f"{written} is null or {written} < timestamp '{last_day + timedelta(days=1)}'"
                    rows = f"select * from ({_grown(file, last_day)}) where {kept}"
                    _copy(connection, rows, making / file.relative_to(whole))
            making.rename(part)
    shutil.rmtree(whole)
    return up_to_next_day, up_to_day_before


def _grown(file: Path, last_day: date) -> str:
    """A query of the rows of a file, as many as the goals are set for, as they were by the end of a day."""
    if file.stem == "hardware_assets":
        # An asset is older than its last change: what changes later was there before.
        is_later = f"updated_at >= timestamp '{last_day + timedelta(days=1)}'"
        return f"""
            select * replace (case when {is_later} then updated_at - interval 30 day else updated_at end as updated_at)
            from '{file}'"""
    if file.stem == "deals":
        ends = "date_trunc('month', coalesce(start_date, booked_on)) + to_months(duration_months)"
        return f"""
            select * exclude (longer) replace (
                cast(case when longer > 0 then round(contract_value * (duration_months + longer) / duration_months, 2)
                    else contract_value end as decimal(18, 2)) as contract_value,
                cast(duration_months + longer as integer) as duration_months,
                case when longer = 0 then end_date end as end_date
            )
            from (
                select *, case when {ends} > date '{END_OF_SAMPLE}' and duration_months > 0
                    and regexp_matches(lower(revenue_type), 'subscription|support|maintenance|service')
                    then {MONTHS_LONGER} else 0 end as longer
                from '{file}'
            )"""
    if file.stem == "revenue_entries":
        share = f"trunc(recognized_amount / {PARTS_OF_AN_ENTRY}, 2)"
        rest = f"recognized_amount - {PARTS_OF_AN_ENTRY - 1} * {share}"
        return f"""
            select * exclude (part) replace (
                case when trim(entry_id) = '' then entry_id else entry_id || '-' || part end as entry_id,
                cast(case when part = 1 then {rest} else {share} end as decimal(18, 2)) as recognized_amount,
                posted_at + to_seconds(part) as posted_at
            )
            from (select *, unnest(range(1, {PARTS_OF_AN_ENTRY} + 1)) as part from '{file}')"""
    return f"select * from '{file}'"


def _seeds(folder: Path) -> Path:
    """The shipped seeds, with as many category rules as the goals are set for."""
    seeds = folder / "seeds"
    shutil.rmtree(seeds, ignore_errors=True)
    shutil.copytree(REPOSITORY / "seeds", seeds)
    with (seeds / "msp" / "task_category_rules.csv").open("a", encoding="utf-8") as rules:
        rules.write(MORE_RULES.read_text(encoding="utf-8"))
    return seeds


def _written_when(connection: duckdb.DuckDBPyConnection, file: Path) -> str:
    columns = [row[0] for row in connection.execute(f"describe select * from '{file}'").fetchall()]
    return "updated_at" if "updated_at" in columns else "occurred_at"


def _copy(connection: duckdb.DuckDBPyConnection, rows: str, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"copy ({rows}) to '{file}' (format parquet, compression zstd)")


def _domain(domain: str, raw: Path, held_back: Path, folder: Path) -> list[Figure]:
    full = _full_build(domain, held_back, _as_of(DAY_BEFORE), folder)
    straight = _step("straight", _warehouse(folder), folder)
    shutil.rmtree(folder / "straight")
    next_day = _step("build", raw, _as_of(NEXT_DAY), domain, folder, warehouse=_warehouse(folder))
    _warehouse(folder).unlink()
    most = max(full.gigabytes, next_day.gigabytes)
    return [
        Figure(f"{domain}: full build / straight", f"{full} / {straight}", full.cpu / straight.cpu, MOST_OVER_STRAIGHT),
        Figure(
            f"{domain}: next day / full build", f"{next_day} / {full}", next_day.cpu / full.cpu, MOST_OF_FULL_NEXT_DAY
        ),
        Figure(f"{domain}: memory, GB", "", most, MOST_GIGABYTES),
    ]


def _elapsed_time(raw: Path, folder: Path) -> list[Figure]:
    """Cases as they are, half of them, and the same cases pressed into a quarter of the time before as_of."""
    with duckdb.connect() as connection:
        (count,) = connection.execute(f"select count(*) from '{raw}/support/support_cases.parquet'").fetchall()[0]
    share = max(1, count // CASES_MEASURED)
    costs = {}
    for name, one_in, shorter in (("cases", share, 1), ("half", 2 * share, 1), ("short", share, SHORTER)):
        shutil.rmtree(folder / name, ignore_errors=True)
        _cases(raw, folder / name / "raw", one_in, shorter)
        _full_build("support", folder / name / "raw", _as_of(NEXT_DAY), folder / name)
        # Twice: the first time the file is read from the disk.
        costs[name] = [_step("elapsed_time", _warehouse(folder / name), folder / name) for _ in range(2)][1]
    shutil.rmtree(folder)
    every, half, short = costs["cases"], costs["half"], costs["short"]
    return [
        Figure(
            f"elapsed time: cases {SHORTER} x as long",
            f"{every} / {short}",
            every.cpu / short.cpu,
            MOST_FOR_LONGER_CASES,
        ),
        Figure("elapsed time: twice the cases", f"{every} / {half}", every.cpu / half.cpu, MOST_FOR_TWICE_THE_CASES),
    ]


def _cases(raw: Path, out: Path, one_in: int, shorter: int) -> None:
    as_of = f"timestamp '{_as_of(NEXT_DAY)}'"
    with duckdb.connect() as connection:
        for table in ("support_cases", "support_case_events"):
            file = raw / "support" / f"{table}.parquet"
            described = connection.execute(f"describe select * from '{file}'").fetchall()
            columns = [
                f"{as_of} - to_seconds((epoch({as_of}) - epoch({name})) // {shorter}) as {name}"
                if kind == "TIMESTAMP" and shorter > 1
                else name
                for name, kind, *_ in described
            ]
            kept = f"hash(upper(trim(case_id))) % {one_in} = 0"
            _copy(connection, f"select {', '.join(columns)} from '{file}' where {kept}", out / "support" / file.name)


def _full_build(domain: str, raw: Path, as_of: str, folder: Path) -> Cost:
    _warehouse(folder).unlink(missing_ok=True)
    shutil.rmtree(folder / "target", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    _seeds(folder)
    _step("parse", raw, as_of, domain, folder, warehouse=_warehouse(folder))
    return _step("build", raw, as_of, domain, folder, warehouse=_warehouse(folder))


def _warehouse(folder: Path) -> Path:
    return folder / "tieout.duckdb"


def _as_of(day: date) -> str:
    return datetime(day.year, day.month, day.day, 23, 59, 59).isoformat()


def _step(name: str, *arguments: object, warehouse: Path | None = None) -> Cost:
    environment = {"TIEOUT_DUCKDB_PATH": str(warehouse)} if warehouse else {}
    return _measure([sys.executable, str(STEPS), name, *(str(argument) for argument in arguments)], environment)


def _measure(command: list[str], environment: dict[str, str] | None = None) -> Cost:
    """Run a command by itself and see what it took; a failure ends the bench."""
    started = time.perf_counter()
    paths = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": paths, **(environment or {})},
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"bench: {' '.join(command[1:])} ended with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - started, _gigabytes(usage))


def _gigabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)


def _show(figures: list[Figure], scale: float, console: Console) -> None:
    title = f"Scale {scale:g}: processor time (wall time)"
    if scale < GOALS_SCALE:
        title += f"; the goals are set for scale {GOALS_SCALE}: below it, reading the project outweighs the data"
    table = Table(title=title, title_justify="left")
    for heading in ("measured", "took", "ratio", "goal", ""):
        table.add_column(heading, justify="right" if heading in ("ratio", "goal") else "left")
    for figure in figures:
        verdict = "" if figure.is_met else "MISSED"
        table.add_row(figure.what, figure.costs, f"{figure.value:.2f}", f"{figure.goal:g}", verdict)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
