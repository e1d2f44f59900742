"""The check of the seeds before the build: every cell that does not fit, at once, so that one round of mending does.

What a spreadsheet damaged is read as it was where one reading is left, and told; the rest is refused. `seed_files`
reads the shape of a file and `seed_repairs` a damaged cell; the rules of a cell and a row are in `seed_rows`, those of
several rows or files are here. What contradicts no rule but is hardly meant is a warning (`seed_warnings`).
"""

from __future__ import annotations

import itertools
import shutil
from collections import defaultdict
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from runner.errors import TieoutError
from runner.seed_files import SeedFile, UnreadableSeedError, as_csv, read_seed
from runner.seed_problems import Files, SeedLine, SeedProblem, Tables, Verdict
from runner.seed_repairs import AmbiguousCellError, Repair, readable
from runner.seed_rows import (
    READ_ID,
    SEEDS,
    BusinessCalendar,
    CalendarHoliday,
    CompletionMethodTier,
    DataQualityWeight,
    SeedRow,
    SlaTarget,
    TierRate,
)
from runner.seed_warnings import WARNINGS


@dataclass(frozen=True)
class SeedReport:
    """Everything found in the seeds of a folder."""

    seeds_dir: Path
    findings: tuple[SeedProblem, ...]
    normalized: Mapping[Path, str] = field(repr=False)
    """The files that are read otherwise than they are written, as they are read."""
    tables: Tables = field(repr=False)
    """The rows of each seed that fit it."""

    def of(self, verdict: Verdict) -> list[SeedProblem]:
        """The findings of a verdict, by file and row."""
        return [finding for finding in self.findings if finding.verdict == verdict]

    def write_copy(self, folder: Path) -> None:
        """Copy all seeds to a folder, normalized, for a build that leaves the files of the user alone."""
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(self.seeds_dir, folder)
        for path, text in self.normalized.items():
            (folder / path.relative_to(self.seeds_dir)).write_text(text, encoding="utf-8", newline="")

    def rewrite(self) -> None:
        """Write the normalized seeds over the files of the user."""
        for path, text in self.normalized.items():
            path.write_text(text, encoding="utf-8", newline="")


def check_seeds(seeds_dir: Path) -> list[SeedProblem]:
    """Check every seed of the contract under a folder; gives what is refused, by file and row.

    Raises:
        TieoutError: the folder does not exist.
    """
    return inspect_seeds(seeds_dir).of("refused")


def inspect_seeds(seeds_dir: Path) -> SeedReport:
    """Check every seed of the contract under a folder; gives all that is refused, read otherwise or hardly meant.

    Raises:
        TieoutError: the folder does not exist.
    """
    if not seeds_dir.is_dir():
        raise TieoutError(f"The folder {seeds_dir} does not exist: restore it with git.")
    problems: list[SeedProblem] = []
    tables: dict[str, list[SeedLine]] = {}
    files: dict[str, str] = {}
    normalized: dict[Path, str] = {}
    for name, model in SEEDS.items():
        paths = sorted(seeds_dir.rglob(f"{name}.csv"))
        if not paths:
            problems.append(
                SeedProblem(f"seeds/**/{name}.csv", 0, "", "", "the file is missing", "restore it with git")
            )
            continue
        files[name] = paths[0].relative_to(seeds_dir.parent).as_posix()
        if len(paths) > 1:
            other = paths[1].relative_to(seeds_dir.parent).as_posix()
            problems.append(SeedProblem(files[name], 0, "", other, "the file is there twice", "keep one of the two"))
        try:
            seed = read_seed(paths[0], list(model.model_fields))
        except UnreadableSeedError as error:
            problems.append(SeedProblem(files[name], error.row, "", error.value, error.problem, error.remedy))
            continue
        found = _read_cells(seed, files[name], model)
        lost = {(finding.row, finding.column) for finding in found if finding.verdict == "refused"}
        tables[name], refused = _read_rows(seed, files[name], model, lost)
        problems += [*found, *refused]
        if any(finding.verdict == "normalized" for finding in found):
            normalized[paths[0]] = as_csv(seed.header, [cells for _, cells in seed.rows])
    for check in (*_TABLE_CHECKS, *WARNINGS):
        problems += check(tables, files)
    in_order = sorted(problems, key=lambda problem: (problem.verdict != "refused", problem.file, problem.row))
    return SeedReport(seeds_dir, tuple(in_order), normalized, tables)


def _read_cells(seed: SeedFile, file: str, model: type[SeedRow]) -> list[SeedProblem]:
    """Undo in place what a spreadsheet did to the cells; a cell that cannot be read is refused."""
    findings = [SeedProblem(file, row, "", "", what, read_as, "normalized") for row, what, read_as in seed.repairs]
    findings += [
        SeedProblem(file, row, "", cells, what, "quote a cell that holds a comma") for row, cells, what in seed.misfits
    ]
    for line, cells in seed.rows:
        for index, (column, text) in enumerate(zip(seed.header, cells, strict=True)):
            if not text:
                continue
            repairs = [mark.read for mark in model.model_fields[column].metadata if isinstance(mark, Repair)]
            try:
                read = readable(text)
                for repair in repairs:
                    read = repair(read)
            except AmbiguousCellError as error:
                findings.append(SeedProblem(file, line, column, text, error.problem, error.remedy))
                continue
            if read != text:
                cells[index] = read
                findings.append(
                    SeedProblem(
                        file, line, column, text, "not written as it should be", f"read as {read}", "normalized"
                    )
                )
    return findings


def _read_rows(
    seed: SeedFile, file: str, model: type[SeedRow], lost: Container[tuple[int, str]]
) -> tuple[list[SeedLine], list[SeedProblem]]:
    """Hold each row to the rules of its seed, but for the cells that could not be read."""
    rows, problems, seen = [], [], dict[tuple[str, ...], int]()
    for line, cells in seed.rows:
        texts = dict(zip(seed.header, (cell or None for cell in cells), strict=True))
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
            rows.append(SeedLine(line, model.model_validate(texts)))
        except ValidationError as error:
            told = [_problem(file, line, texts, detail) for detail in error.errors()]
            is_whole = not any((line, column) in lost for column in seed.header)
            problems += [found for found in told if (found.column or is_whole) and (line, found.column) not in lost]
    problems += _lost_zeros(seed, file, model)
    if not seed.rows and not seed.misfits and not model.MAY_BE_EMPTY:
        problems.append(SeedProblem(file, 0, "", "", "the file has no rows", "restore them with git"))
    return rows, problems


def _lost_zeros(seed: SeedFile, file: str, model: type[SeedRow]) -> list[SeedProblem]:
    """Ids that a spreadsheet took for numbers: shorter than those that kept their leading zeros."""
    problems = []
    for index, column in enumerate(seed.header):
        if not any(mark is READ_ID for mark in model.model_fields[column].metadata):
            continue
        padded = {len(cells[index]) for _, cells in seed.rows if cells[index].isdigit() and cells[index][0] == "0"}
        for line, cells in seed.rows:
            text = cells[index]
            if padded and text.isdigit() and text[0] != "0" and len(text) < max(padded):
                remedy = f"write {text.zfill(max(padded))} if that is what it was, in a column of text"
                problems.append(SeedProblem(file, line, column, text, "an id that may have lost leading zeros", remedy))
    return problems


def _problem(file: str, line: int, texts: Mapping[str, str | None], detail: Mapping[str, object]) -> SeedProblem:
    location = detail["loc"]
    column = str(location[0]) if isinstance(location, tuple) and location else ""
    context = detail.get("ctx")
    remedy = str(context["remedy"]) if isinstance(context, dict) and "remedy" in context else "see the seed's YAML"
    value = (texts.get(column) or "") if column else ",".join(text or "" for text in texts.values())
    return SeedProblem(file, line, column, value, str(detail["msg"]), remedy)


def _check_tier_rates(tables: Tables, files: Files) -> list[SeedProblem]:
    problems = []
    by_tier: dict[str, list[tuple[SeedLine, TierRate]]] = defaultdict(list)
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
    by_promise: dict[tuple[str, str, str], list[tuple[SeedLine, SlaTarget]]] = defaultdict(list)
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
    windows: dict[tuple[str, int], list[tuple[SeedLine, BusinessCalendar]]] = defaultdict(list)
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


def _check_tiers_of_methods(tables: Tables, files: Files) -> list[SeedProblem]:
    rated = {row.cells.tier for row in tables.get("tier_rates", ()) if isinstance(row.cells, TierRate)}
    return [
        SeedProblem(
            files["completion_method_tiers"],
            row.line,
            "tier",
            row.cells.tier,
            "a tier without a rate",
            "give it one in tier_rates.csv or mend the tier",
        )
        for row in tables.get("completion_method_tiers", ())
        if isinstance(row.cells, CompletionMethodTier) and rated and row.cells.tier not in rated
    ]


def _check_weights(tables: Tables, files: Files) -> list[SeedProblem]:
    weights = [
        row.cells.weight for row in tables.get("data_quality_weights", ()) if isinstance(row.cells, DataQualityWeight)
    ]
    if weights and not sum(weights):
        file = files["data_quality_weights"]
        return [
            SeedProblem(file, 0, "weight", "0", "no dimension has any weight", "give at least one of them a weight")
        ]
    return []


_TABLE_CHECKS: tuple[Callable[[Tables, Files], list[SeedProblem]], ...] = (
    _check_tier_rates,
    _check_sla_targets,
    _check_calendars,
    _check_tiers_of_methods,
    _check_weights,
)
