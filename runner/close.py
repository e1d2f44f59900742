"""`tieout close`: a month is checked, its figures are kept, and its closing is written to the seed that finance edits.

The warehouse is made ready first, from a copy of the seeds that holds the closing; the last step that can fail is the
seed itself, replaced whole. Until then nothing is closed, and what was made ready is taken back; from then on the month
is closed, and its figures are kept already.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from runner import logs, profiles, snowflake_patience
from runner.build import build_closing
from runner.close_checks import SEED, Period, Stop, never_closed_before, stops
from runner.errors import BuildError, SettingError, TieoutError, disk_in_plain_words
from runner.evidence import FinanceDomain, parse_finance_domain, write_pack
from runner.screen import say
from runner.seed_checks import inspect_seeds
from runner.seed_files import UnreadableSeedError, with_row
from runner.seed_problems import SeedCheckError
from runner.seed_rows import PeriodClose
from runner.settings import Settings, TargetSettings, iso
from runner.state import Workspace, locked, seed_fingerprints
from runner.warehouse import Span, open_warehouse

CLOSED, FORBIDDEN = 0, 1
"""Exit codes: the month is closed (or can be); it cannot be, or its evidence could not be written."""

_MOST_RESTATED = 20
# A spreadsheet would run a cell that begins so.
_FORMULA = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True)
class _Closing:
    """A closing under way."""

    period: Period
    output: Mapping[str, Any]
    row: PeriodClose
    work_dir: Path
    """Where the copy of the seeds and dbt's own files lie, so that those of the last run stay."""

    @property
    def seeds_dir(self) -> Path:
        return self.work_dir / "seeds"


def parse_domain(text: str) -> FinanceDomain:
    """Read the domain of a closing.

    Raises:
        SettingError: it has no periods that can be closed.
    """
    if text.strip().lower() == "support":
        raise SettingError(
            "Periods of support cannot be closed: its figures are of cases, not of months that are settled; close msp "
            "or revenue."
        )
    return parse_finance_domain(text)


@disk_in_plain_words()
def close(
    deployed: Settings,
    domain: FinanceDomain,
    month: date,
    by: str | None,
    as_of: datetime | None,
    evidence_dir: Path,
    console: Console,
) -> int:
    """Close a month as of the last run; gives the exit code.

    Args:
        deployed: the settings of the command.
        domain: whose month it is.
        month: its first day.
        by: who closes it; None tells only whether it can be closed.
        as_of: the moment the figures must be of; that of the last run where it is None.
        evidence_dir: folder that the pack of the month is written to.
        console: where to say it.

    Raises:
        TieoutError: the closing could not be done; nothing is closed.
    """
    settings = deployed.of_domain(domain)
    output = profiles.target_output(settings)
    workspace = Workspace(settings, output)
    with locked(workspace.lock_path):
        period = _period(settings, workspace, domain, month)
        # A name that cannot be written must not wait for the checks.
        row = None if by is None else _row(period, by)
        with open_warehouse(output, settings.target) as warehouse:
            found = stops(period, as_of, warehouse)
        logs.event("close", domain=domain, month=f"{month:%Y-%m}", stops=len(found), checked_only=by is None)
        if found:
            _tell_stops(period, found, console)
            return FORBIDDEN
        if never_closed_before(period):
            say(console, f"No month of {domain} before {month:%Y-%m} was ever closed: they stay open.")
        if row is None:
            say(console, f"{period.name} can be closed as of {iso(period.state.as_of)}.")
            return CLOSED
        closing = _Closing(period, output, row, workspace.dbt_target_path.with_suffix(".close"))
        say(console, f"Keeping the figures of {period.name} as of {iso(period.state.as_of)} ...")
        restated = _close(closing)
        logs.event("close", domain=domain, month=f"{month:%Y-%m}", closed_on=str(row.closed_on))
        say(
            console,
            f"{period.name} is closed as of {iso(period.state.as_of)} by {row.closed_by}; its figures are kept, and "
            f"{SEED}.csv says so: have it committed.",
        )
        _show_restated(period, restated, console)
        try:
            write_pack(period.settings, output, workspace, domain, month, evidence_dir, console)
        except TieoutError as error:
            logs.failure("evidence", error)
            say(
                console,
                f"The evidence is not written, and the month is closed all the same: {error} Then write it with "
                f"'tieout evidence {month:%Y-%m} --domain {domain}'.",
                style="bold red",
            )
            return FORBIDDEN
    return CLOSED


def _period(settings: TargetSettings, workspace: Workspace, domain: FinanceDomain, month: date) -> Period:
    state = workspace.read()
    if state is None:
        raise TieoutError(f"Nothing was built yet for target {settings.target}: build it with 'tieout run'.")
    # The figures are those of that run, whenever they are closed.
    settings = settings.model_copy(update={"as_of": state.as_of})
    return Period(domain, month, settings, workspace, state, inspect_seeds(settings.project_dir / "seeds"))


def _row(period: Period, by: str) -> PeriodClose:
    name = " ".join(by.split())
    if not name or name.startswith(_FORMULA) or not name.isprintable():
        raise SettingError(f"--by is '{by}', which is no name: say who closes the month.")
    try:
        return PeriodClose.model_validate(
            {
                "domain": period.domain,
                "period": period.month.isoformat(),
                "closed_on": period.state.as_of.date().isoformat(),
                "closed_by": name,
            }
        )
    except ValidationError as error:
        raise SettingError(f"--by is '{by}', which {SEED}.csv cannot hold: {error.errors()[0]['msg']}.") from error


def _close(closing: _Closing) -> list[dict[str, Any]]:
    """Keep the figures and write the seed, or leave both as they were; gives what changed in months closed before."""
    path = closing.period.seed_path.resolve()
    before = path.read_bytes()
    after = _with_closing(closing, before)
    try:
        _build(closing, after)
        restated = _restated(closing)
        _replace(path, before, after)
    except Exception as error:
        logs.failure("close", error)
        _undo(closing, before)
        raise
    state = closing.period.state
    seeds = state.seeds | {SEED: seed_fingerprints(closing.period.settings.project_dir)[SEED]}
    try:
        closing.period.workspace.write(state.model_copy(update={"seeds": seeds}))
    except OSError as error:
        # The month is closed; the next closing asks for a run first.
        logs.failure("close", error)
    return restated


def _with_closing(closing: _Closing, content: bytes) -> bytes:
    row = closing.row
    cells = {
        "domain": row.domain,
        "period": row.period.isoformat(),
        "closed_on": row.closed_on.isoformat(),
        "closed_by": row.closed_by,
    }
    try:
        return with_row(content, list(PeriodClose.model_fields), cells)
    except UnreadableSeedError as error:
        raise TieoutError(f"{SEED}.csv cannot take the closing, {error.problem}: {error.remedy}.") from error


def _build(closing: _Closing, content: bytes) -> None:
    """Build the closing from a copy of the seeds in which period_closes has this content."""
    period = closing.period
    if closing.seeds_dir.exists():
        shutil.rmtree(closing.seeds_dir)
    shutil.copytree(period.seeds.seeds_dir, closing.seeds_dir)
    copied = closing.seeds_dir / period.seed_path.relative_to(period.seeds.seeds_dir)
    copied.chmod(0o644)
    copied.write_bytes(content)
    report = inspect_seeds(closing.seeds_dir)
    if refused := report.of("refused"):
        raise SeedCheckError(refused)
    report.rewrite()
    if closing.output["type"] == "snowflake":
        snowflake_patience.limit()
    result = build_closing(
        period.settings,
        [domain for domain in period.settings.domains if domain in period.state.domains],
        closing.work_dir,
        seeds_dir=closing.seeds_dir,
        domain=period.domain,
        month=period.month,
        closed_on=closing.row.closed_on,
    )
    failed = [*result.broken, *result.failed_tests]
    if failed:
        raise BuildError(
            f"{period.name} is not closed, as {failed[0].name} failed ({failed[0].message[:300]}): the seed is as it "
            "was, and what to mend stands in logs/tieout.log."
        )


def _undo(closing: _Closing, content: bytes) -> None:
    try:
        _build(closing, content)
    except Exception as error:  # noqa: BLE001 (why the closing failed is what the user must see)
        # The next closing finds in the warehouse what the seed does not hold, and asks for a run first.
        logs.failure("close", error)


def _replace(path: Path, before: bytes, after: bytes) -> None:
    """Put the new content in the place of the old, whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        if path.read_bytes() != before:
            raise TieoutError(
                f"{path.name} was changed while the month was being closed: look at it, run and close again."
            )
        with part.open("wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, part)
        part.replace(path)
    except OSError as error:
        raise TieoutError(
            f"{path} cannot be written ({error.strerror or error}), so nothing is closed: close the program that has "
            "it open or make room, and close again."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _restated(closing: _Closing) -> list[dict[str, Any]]:
    """The largest changes in months closed before.

    Raises:
        BuildError: the month itself differs from what was just kept of it, so something was kept that does not stand.
    """
    period = closing.period
    mart = next(mart for mart in period.state.marts if mart.name == "rpt_restatements")
    query = (Path(__file__).parent / "sql" / "close_restatements.sql").read_text(encoding="utf-8")
    query = query.partition("\n")[2].format(restatements=mart.relation, domain=period.domain, most=_MOST_RESTATED)
    own = f"(select * from {mart.relation} where domain = '{period.domain}') as own"  # noqa: S608 (dbt's name)
    with open_warehouse(closing.output, period.settings.target) as warehouse:
        span = Span("period", period.month, period.month)
        if warehouse.read_arrow(own, mart.primary_key, mart.columns, span).read_all().num_rows:
            raise BuildError(
                f"The figures kept of {period.name} are not those of {iso(period.state.as_of)}, so nothing is closed: "
                "tell who looks after the models."
            )
        found = warehouse.read_arrow(f"({query}) as restated", ("place",), _RESTATED_COLUMNS).read_all()
    return [dict(row) for row in found.to_pylist()]


_RESTATED_COLUMNS = {
    "period": "date",
    "measure": "nvarchar(600)",
    "subject": "nvarchar(255)",
    "value_as_closed": "decimal(18,4)",
    "value_now": "decimal(18,4)",
    "change": "decimal(18,4)",
    "cause": "nvarchar(20)",
    "place": "bigint",
    "figure_count": "bigint",
}


def _show_restated(period: Period, rows: Sequence[Mapping[str, Any]], console: Console) -> None:
    if not rows:
        say(console, f"Nothing of {period.domain} changed since its months were closed.")
        return
    table = Table(title="Changed since they were closed", title_justify="left", box=None, pad_edge=False)
    for name in ("month", "measure", "subject", "cause"):
        table.add_column(name, overflow="fold")
    for name in ("as closed", "now", "change"):
        table.add_column(name, justify="right")
    for row in rows:
        texts = (f"{row['period']:%Y-%m}", row["measure"], row["subject"], row["cause"])
        figures = (f"{row['value_as_closed']:,.2f}", f"{row['value_now']:,.2f}", f"{row['change']:+,.2f}")
        table.add_row(*(Text(text) for text in texts), *figures)
    console.print(table)
    more = rows[0]["figure_count"] - len(rows)
    if more > 0:
        say(console, f"{more} more stand in rpt_restatements.")


def _tell_stops(period: Period, found: list[Stop], console: Console) -> None:
    table = Table("check", "why not, and what to do", title=f"{period.name} cannot be closed", title_justify="left")
    for stop in found:
        table.add_row(stop.check, Text(stop.sentence, overflow="fold"))
    console.print(table)
    say(console, f"Nothing is closed: {len(found)} {'reason' if len(found) == 1 else 'reasons'}.")
