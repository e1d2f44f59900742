"""What forbids closing a month: every reason at once, each a sentence that says what to do.

Nothing is worked out here: what is wrong with the data stands in the marts and in dbt's results of the last run, what
people know of it in the ledger of alerts, and what is closed in the seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from runner.alerts.conditions import SEVERITY_RANK
from runner.alerts.ledger import opened
from runner.alerts.messages import reference
from runner.alerts.run_report import kept_report
from runner.alerts.service import ledger_path
from runner.build import BAD_STATUSES
from runner.errors import TieoutError
from runner.evidence import FinanceDomain, artifacts, definition, outcomes_of_tests
from runner.seed_checks import SeedReport
from runner.seed_rows import PeriodClose
from runner.settings import TargetSettings, iso
from runner.state import WarehouseState, Workspace, needs_full_refresh, project_fingerprint, seed_fingerprints
from runner.warehouse import Warehouse

SEED = "period_closes"

_ALERTS, _RESTATEMENTS = "alerts", "rpt_restatements"
_STALE = "stale_source"
# The run reports them as alerts too; the check of the tests has told them.
_FAILURES = ("failed_test", "failed_table")
_CRITICAL = SEVERITY_RANK["critical"]
_MOST_NAMES = 5


@dataclass(frozen=True)
class Stop:
    """A reason why a month cannot be closed."""

    check: str
    sentence: str


@dataclass(frozen=True)
class Period:
    """The month to be closed, and the run it is to be closed on."""

    domain: FinanceDomain
    month: date
    settings: TargetSettings
    workspace: Workspace
    state: WarehouseState
    seeds: SeedReport

    @property
    def name(self) -> str:
        """How people call it."""
        return f"{self.domain} {self.month:%Y-%m}"

    @property
    def closings(self) -> dict[date, PeriodClose]:
        """The closed months of the domain, as the seed has them."""
        rows = (line.cells for line in self.seeds.tables.get(SEED, ()))
        return {row.period: row for row in rows if isinstance(row, PeriodClose) and row.domain == self.domain}

    @property
    def seed_path(self) -> Path:
        """File of the seed.

        Raises:
            TieoutError: it is missing.
        """
        found = sorted(self.seeds.seeds_dir.rglob(f"{SEED}.csv"))
        if not found:
            raise TieoutError(f"{self.seeds.seeds_dir} has no {SEED}.csv: restore it with git.")
        return found[0]


def stops(period: Period, as_of: datetime | None, warehouse: Warehouse) -> list[Stop]:
    """Find all that forbids closing a month.

    Args:
        period: the month.
        as_of: the moment asked for; that of the last run where none was.
        warehouse: where the run left its tables.
    """
    found = [*_of_the_month(period), *_of_the_run(period, as_of), *_of_the_seeds(period)]
    if period.domain in period.state.domains:
        found += _of_the_tables(period, warehouse)
    return found


def never_closed_before(period: Period) -> bool:
    """Tell whether no earlier month of the domain is closed: whoever begins to close need not go back to the first."""
    return not any(month < period.month for month in period.closings)


def _of_the_month(period: Period) -> Iterator[Stop]:
    over = _next(period.month)
    if period.state.as_of.date() < over:
        yield Stop(
            "month",
            f"{period.month:%Y-%m} is not over at {iso(period.state.as_of)}: run as of {over}T00:00:00Z or later, "
            "then close.",
        )
    closings = period.closings
    if closed := closings.get(period.month):
        yield Stop(
            "closed",
            f"{period.name} was closed on {closed.closed_on} by {closed.closed_by}: nothing is left to do, and what "
            f"has changed since is in {_RESTATEMENTS}.",
        )
    earlier = [month for month in closings if month < period.month]
    month = min(earlier, default=period.month)
    still_open = []
    while month < period.month:
        if month not in closings:
            still_open.append(f"{month:%Y-%m}")
        month = _next(month)
    if still_open:
        yield Stop("order", f"Still open before it: {_several(still_open)}; close month after month.")


def _of_the_run(period: Period, as_of: datetime | None) -> Iterator[Stop]:
    state = period.state
    if as_of is not None and as_of != state.as_of:
        yield Stop(
            "run",
            f"The warehouse was built as of {iso(state.as_of)} and not {iso(as_of)}: run with --as-of {iso(as_of)}, or "
            "leave the option out to close as of the last run.",
        )
    if period.domain not in state.domains:
        yield Stop(
            "run",
            f"The last run did not build {period.domain}: run again with its files and without --select-domain.",
        )
    elif needs_full_refresh(state, [period.domain], project_fingerprint(period.settings.project_dir)):
        yield Stop(
            "run", "Models or macros changed since the last run: run again, so that the figures are those of today."
        )


def _of_the_seeds(period: Period) -> Iterator[Stop]:
    if refused := period.seeds.of("refused"):
        first = refused[0]
        yield Stop(
            "seeds",
            f"{first.file} is refused ({first.problem}; {len(refused)} in all): mend what 'tieout check' lists, and "
            "run again.",
        )
    now, then = seed_fingerprints(period.settings.project_dir), period.state.seeds
    changed = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
    if changed:
        yield Stop("seeds", f"{_several(changed)} changed since the last run: run again, so that the figures obey it.")
    try:
        path = period.seed_path
        if trouble := _why_not_writable(path):
            yield Stop(
                "seeds",
                f"{path.relative_to(period.settings.project_dir).as_posix()} cannot be written ({trouble}): close the "
                "program that has it open, or give yourself the right to write it.",
            )
    except TieoutError as error:
        yield Stop("seeds", str(error))


def _of_the_tables(period: Period, warehouse: Warehouse) -> Iterator[Stop]:
    state = period.state
    missing = {_ALERTS, _RESTATEMENTS} - {mart.name for mart in state.marts_of_last_run}
    if missing:
        yield Stop("run", f"The last run did not build {_several(sorted(missing))}: run again with 'tieout run'.")
        return
    needed = {part.table for part in definition(period.domain).tables} | {_ALERTS, _RESTATEMENTS}
    marts = {mart.name: mart for mart in state.marts_of_last_run}
    unfit: dict[str, list[str]] = {}
    for name in sorted(needed & marts.keys()):
        if not marts[name].is_current:
            unfit.setdefault(marts[name].reason, []).append(name)
    for reason, names in unfit.items():
        yield Stop("tests", f"Not renewed by the last run, as {reason}: {_several(names)}; mend it and run again.")
    try:
        manifest, results = artifacts(period.workspace, state)
    except TieoutError as error:
        yield Stop("tests", str(error))
        return
    if manifest["metadata"]["invocation_id"] != results["metadata"]["invocation_id"]:
        yield Stop("run", "A run began after the last one and did not end: run again with 'tieout run'.")
    (run,) = warehouse.read_arrow(state.settings_relation, ()).read_all().to_pylist()
    if run["as_of"].replace(tzinfo=UTC) != state.as_of:
        yield Stop(
            "run",
            f"The warehouse was built as of {iso(run['as_of'])} since the last run, which was as of {iso(state.as_of)}"
            ": run again with 'tieout run'.",
        )
    yield from _of_tests(period, manifest, results)
    yield from _of_closings_in_warehouse(period, manifest, warehouse)
    alerts = marts[_ALERTS]
    own = f"(select * from {alerts.relation} where data_domain = '{period.domain}') as own_alerts"  # noqa: S608 (dbt's name)
    rows = warehouse.read_arrow(own, alerts.primary_key, alerts.columns).read_all().to_pylist()
    for row in rows:
        if row["rule"] == _STALE:
            yield Stop("sources", f"{row['message'].rstrip('.')}: have it delivered, and run again.")
    yield from _of_alerts(period, [row for row in rows if row["rule"] != _STALE])


def _of_tests(period: Period, manifest: Mapping[str, Any], results: Mapping[str, Any]) -> Iterator[Stop]:
    tags = {period.domain, "common", "operations"}
    for outcome in outcomes_of_tests(manifest, results, tags):
        if outcome["status"] != "pass":
            yield Stop(
                "tests",
                f"Test {outcome['test']} of the last run came out as {outcome['status']} "
                f"({outcome['failing_rows']} rows): mend what it found, and run again.",
            )
    for result in results["results"]:
        node = manifest["nodes"].get(result["unique_id"], {})
        is_own = node.get("resource_type") != "test" and tags & set(node.get("tags", ()))
        if is_own and result["status"] in BAD_STATUSES:
            yield Stop(
                "tests", f"Table {node['name']} could not be built by the last run: see logs/tieout.log, and run again."
            )


def _of_closings_in_warehouse(period: Period, manifest: Mapping[str, Any], warehouse: Warehouse) -> Iterator[Stop]:
    """A closing that the warehouse holds and the file does not is another person's, or one that did not come off."""
    seed = next(node for node in manifest["nodes"].values() if node["resource_type"] == "seed" and node["name"] == SEED)
    columns = seed["config"]["column_types"]
    rows = warehouse.read_arrow(seed["relation_name"], ("domain", "period"), columns).read_all().to_pylist()
    for row in rows:
        if str(row["domain"]).strip().lower() == period.domain and row["period"] not in period.closings:
            yield Stop(
                "closed",
                f"The warehouse holds a closing of {period.domain} {row['period']:%Y-%m} by {row['closed_by']} that "
                f"{SEED}.csv does not: bring the file up to date (git pull), or run again where that closing did not "
                "come off.",
            )


def _of_alerts(period: Period, rows: Sequence[Mapping[str, Any]]) -> Iterator[Stop]:
    wrong = {row["alert_key"]: row["message"] for row in rows if SEVERITY_RANK.get(row["severity"], 0) >= _CRITICAL}
    known: dict[str, tuple[str, bool]] = {}
    path = ledger_path(period.settings)
    if path.is_file():
        with opened(path) as ledger:
            report = kept_report(ledger)
            for condition in report.conditions if report else ():
                if condition.data_domain == period.domain and condition.rule not in _FAILURES:
                    wrong[condition.alert_key] = condition.message
            for row in ledger.rows("select * from condition where resolved_at is null"):
                rank = SEVERITY_RANK.get(row["acknowledged_severity"] or "", 0)
                known[row["alert_key"]] = (reference(row["condition_id"]), rank >= _CRITICAL)
    for key, message in wrong.items():
        name, is_acknowledged = known.get(key, ("", False))
        if not is_acknowledged:
            told = f"'tieout alerts ack {name}'" if name else "'tieout alerts' and then 'tieout alerts ack'"
            yield Stop(
                "alerts", f"Critical: {message.rstrip('.')}; mend it, or say that somebody is at it with {told}."
            )


def _why_not_writable(path: Path) -> str:
    try:
        # Whoever may do anything could write it all the same, and whoever made it read-only does not want that.
        if not path.stat().st_mode & 0o222:
            return "it is read-only"
        with path.open("r+b"):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _several(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
