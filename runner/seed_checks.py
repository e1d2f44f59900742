"""The check of the seeds before the build: every cell that does not fit, at once, so that one round of mending will do.

The rules of a cell and a row are in `seed_rows`; here are those that need several rows or several files.
"""

from __future__ import annotations

import csv
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from runner.errors import TieoutError
from runner.seed_rows import (
    SEEDS,
    BusinessCalendar,
    CalendarHoliday,
    SeedRow,
    SlaTarget,
    TierRate,
)


@dataclass(frozen=True)
class SeedProblem:
    """One thing wrong in a seed. `row` is the line in the file, the header being 1; 0 means the file as a whole."""

    file: str
    row: int
    column: str
    value: str
    problem: str
    remedy: str


class SeedCheckError(TieoutError):
    """The seeds hold problems; nothing was built."""

    def __init__(self, problems: Sequence[SeedProblem]) -> None:
        first = problems[0]
        where = f"{first.file}, row {first.row}" if first.row else first.file
        what = f"{first.column} '{first.value}' is {first.problem}" if first.column else first.problem
        more = f" ({len(problems)} problems in all)" if len(problems) > 1 else ""
        super().__init__(f"{where}: {what}; {first.remedy}{more}.")
        self.problems = tuple(problems)


@dataclass(frozen=True)
class _Row:
    line: int
    cells: SeedRow


def check_seeds(seeds_dir: Path) -> list[SeedProblem]:
    """Check every seed of the contract under a folder; gives all problems, by file and row.

    Raises:
        TieoutError: the folder does not exist.
    """
    if not seeds_dir.is_dir():
        raise TieoutError(f"The folder {seeds_dir} does not exist: restore it with git.")
    problems: list[SeedProblem] = []
    tables: dict[str, list[_Row]] = {}
    files: dict[str, str] = {}
    for name, model in SEEDS.items():
        paths = sorted(seeds_dir.rglob(f"{name}.csv"))
        if not paths:
            problems.append(
                SeedProblem(f"seeds/**/{name}.csv", 0, "", "", "the file is missing", "restore it with git")
            )
            continue
        files[name] = paths[0].relative_to(seeds_dir.parent).as_posix()
        tables[name], found = _read(paths[0], files[name], model)
        problems += found
    for check in _TABLE_CHECKS:
        problems += check(tables, files)
    return sorted(problems, key=lambda problem: (problem.file, problem.row))


def _read(path: Path, file: str, model: type[SeedRow]) -> tuple[list[_Row], list[SeedProblem]]:
    columns = list(model.model_fields)
    expected = sorted(columns)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = list(_numbered(csv.reader(stream, strict=True)))
    except UnicodeDecodeError:
        return [], [SeedProblem(file, 0, "", "", "the file is not UTF-8", "in Excel save it as 'CSV UTF-8'")]
    except csv.Error as error:
        return [], [SeedProblem(file, 0, "", "", f"the file is no CSV ({error})", "save it from Excel as 'CSV UTF-8'")]
    header = [cell.strip() for cell in lines[0][1]] if lines else []
    if sorted(header) != expected:
        remedy = "separate the cells by commas" if len(header) == 1 and ";" in header[0] else "restore the header"
        return [], [
            SeedProblem(
                file, 1, "", ",".join(header), "the header is not as described", f"{remedy}: {','.join(columns)}"
            )
        ]
    rows, problems, seen = [], [], dict[tuple[str, ...], int]()
    for line, cells in lines[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            what = f"{len(cells)} cells under {len(header)} columns"
            problems.append(SeedProblem(file, line, "", ",".join(cells), what, "quote a cell that holds a comma"))
            continue
        texts = dict(zip(header, (cell.strip() or None for cell in cells), strict=True))
        key = tuple((texts[column] or "").lower() for column in model.KEY)
        if key in seen:
            value = ", ".join(texts[column] or "" for column in model.KEY)
            problems.append(
                SeedProblem(
                    file, line, ", ".join(model.KEY), value, f"the same as in row {seen[key]}", "keep one of the two"
                )
            )
        seen.setdefault(key, line)
        try:
            rows.append(_Row(line, model.model_validate(texts)))
        except ValidationError as error:
            problems += [_problem(file, line, texts, detail) for detail in error.errors()]
    if len(lines) == 1 and not model.MAY_BE_EMPTY:
        problems.append(SeedProblem(file, 0, "", "", "the file has no rows", "restore them with git"))
    return rows, problems


def _numbered(reader: Iterable[list[str]]) -> Iterable[tuple[int, list[str]]]:
    # The row a spreadsheet shows, which counts a cell with a line break in it as one row.
    return enumerate(reader, start=1)


def _problem(file: str, line: int, texts: Mapping[str, str | None], detail: Mapping[str, object]) -> SeedProblem:
    location = detail["loc"]
    column = str(location[0]) if isinstance(location, tuple) and location else ""
    context = detail.get("ctx")
    remedy = str(context["remedy"]) if isinstance(context, dict) and "remedy" in context else "see the seed's YAML"
    value = (texts.get(column) or "") if column else ",".join(text or "" for text in texts.values())
    return SeedProblem(file, line, column, value, str(detail["msg"]), remedy)


Tables = Mapping[str, Sequence[_Row]]
Files = Mapping[str, str]


def _check_tier_rates(tables: Tables, files: Files) -> list[SeedProblem]:
    problems = []
    by_tier: dict[str, list[tuple[_Row, TierRate]]] = defaultdict(list)
    for row in tables.get("tier_rates", ()):
        if isinstance(row.cells, TierRate):
            by_tier[row.cells.tier].append((row, row.cells))
    for ranges in by_tier.values():
        ranges.sort(key=lambda pair: pair[1].valid_from)
        for (_, earlier), (row, later) in itertools.pairwise(ranges):
            end = earlier.valid_to or date.max
            if end != later.valid_from:
                what = (
                    "overlaps the row before it" if end > later.valid_from else "leaves a gap after the row before it"
                )
                problems.append(
                    SeedProblem(
                        files["tier_rates"],
                        row.line,
                        "valid_from",
                        later.valid_from.isoformat(),
                        what,
                        f"the {later.tier} row before must end (valid_to) on the day this one begins",
                    )
                )
    return problems


def _check_sla_targets(tables: Tables, files: Files) -> list[SeedProblem]:
    problems = []
    calendars = _calendar_ids(tables)
    by_promise: dict[tuple[str, str, str], list[tuple[_Row, SlaTarget]]] = defaultdict(list)
    for row in tables.get("sla_targets", ()):
        target = row.cells
        if not isinstance(target, SlaTarget):
            continue
        if target.calendar_id.lower() not in calendars:
            problems.append(_unknown_calendar(files["sla_targets"], row.line, target.calendar_id))
        key = ((target.priority or "").lower(), (target.customer_tier or "").lower(), target.metric)
        by_promise[key].append((row, target))
    for ranges in by_promise.values():
        ranges.sort(key=lambda pair: pair[1].valid_from)
        for (_, earlier), (row, later) in itertools.pairwise(ranges):
            if earlier.valid_from < later.valid_from < (earlier.valid_to or date.max):
                problems.append(
                    SeedProblem(
                        files["sla_targets"],
                        row.line,
                        "valid_from",
                        later.valid_from.isoformat(),
                        "overlaps another row of the same priority, tier and metric",
                        "end the earlier row (valid_to) on the day this one begins",
                    )
                )
    return problems


def _check_calendars(tables: Tables, files: Files) -> list[SeedProblem]:
    problems = []
    zones: dict[str, str] = {}
    windows: dict[tuple[str, int], list[tuple[_Row, BusinessCalendar]]] = defaultdict(list)
    for row in tables.get("business_calendars", ()):
        window = row.cells
        if not isinstance(window, BusinessCalendar):
            continue
        calendar = window.calendar_id.lower()
        zone = zones.setdefault(calendar, window.iana_timezone)
        if zone != window.iana_timezone:
            problems.append(
                SeedProblem(
                    files["business_calendars"],
                    row.line,
                    "iana_timezone",
                    window.iana_timezone,
                    f"not the zone of the calendar's other rows ({zone})",
                    "give a calendar one zone",
                )
            )
        windows[calendar, window.iso_weekday].append((row, window))
    for day in windows.values():
        day.sort(key=lambda pair: pair[1].opens_at)
        for (_, earlier), (row, later) in itertools.pairwise(day):
            if earlier.opens_at < later.opens_at < earlier.closes_at:
                problems.append(
                    SeedProblem(
                        files["business_calendars"],
                        row.line,
                        "opens_at",
                        later.opens_at,
                        "overlaps another window of the same day",
                        f"the earlier window closes at {earlier.closes_at}: open after it or join the two rows",
                    )
                )
    calendars = _calendar_ids(tables)
    for row in tables.get("calendar_holidays", ()):
        if isinstance(row.cells, CalendarHoliday) and row.cells.calendar_id.lower() not in calendars:
            problems.append(_unknown_calendar(files["calendar_holidays"], row.line, row.cells.calendar_id))
    return problems


def _calendar_ids(tables: Tables) -> set[str]:
    rows = (row.cells for row in tables.get("business_calendars", ()))
    return {cells.calendar_id.lower() for cells in rows if isinstance(cells, BusinessCalendar)}


def _unknown_calendar(file: str, line: int, calendar_id: str) -> SeedProblem:
    return SeedProblem(
        file,
        line,
        "calendar_id",
        calendar_id,
        "no calendar of this name",
        "add it to business_calendars.csv or mend the name",
    )


_TABLE_CHECKS: tuple[Callable[[Tables, Files], list[SeedProblem]], ...] = (
    _check_tier_rates,
    _check_sla_targets,
    _check_calendars,
)
