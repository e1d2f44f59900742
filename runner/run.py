"""A run from start to end: lock, seeds, packages, build, exports, dashboard."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from runner import deployment, deps, domains, logs, profiles, snowflake_patience
from runner.build import BuildResult, build
from runner.errors import (
    BuildError,
    NothingBuiltError,
    SettingError,
    TieoutError,
    WarehouseError,
    disk_in_plain_words,
    full_disk_in,
)
from runner.screen import say
from runner.seed_checks import inspect_seeds
from runner.seed_problems import SeedCheckError
from runner.settings import DOMAINS, Domain, Settings, TargetSettings, iso, log_dir
from runner.state import (
    WarehouseState,
    Workspace,
    fingerprints_after,
    locked,
    needs_full_refresh,
    project_fingerprint,
    seed_fingerprints,
)

if TYPE_CHECKING:
    from runner.exports import Manifest
    from runner.gate.gate import Judge
    from runner.merged_marts import OpenWarehouse
    from runner.warehouse import Warehouse

OK, DATA_FAILED = 0, 1
"""Exit codes: all well; a test failed, or one of several warehouses (what is good is exported). Others are errors'."""

_OUTPUT_LOCK = ".tieout.lock"
_MOST_FAILURES_SHOWN = 20


@dataclass(frozen=True)
class _Place:
    """A warehouse of the run: the settings of its part, its output in profiles.yml and the files kept beside it."""

    settings: TargetSettings
    output: Mapping[str, Any]
    workspace: Workspace

    @property
    def target(self) -> str:
        return self.settings.target


@dataclass(frozen=True)
class _Outcome:
    """What a run left in one warehouse; no result where it is only read."""

    place: _Place
    state: WarehouseState
    result: BuildResult | None = None


@disk_in_plain_words()
def run(settings: Settings, console: Console) -> int:
    """Build the domains whose raw tables are there, export their marts and show the figures; gives the exit code.

    Each domain is built in the warehouse it lives in, one warehouse after the other. Where one of several fails, its
    domains keep their last good files and the exit code is 1.

    Raises:
        TieoutError: the run could not be done; exports of earlier runs are untouched.
    """
    from runner import dashboard
    from runner.exports import check_writable
    from runner.report import page

    started = datetime.now(UTC)
    places = _places(settings)
    targets = ",".join(place.target for place in places)
    with (
        locked(*(place.workspace.lock_path for place in places)),
        _step("run", as_of=iso(settings.as_of), target=targets),
        _gate(settings, places) as judge,
        ExitStack() as held,
    ):
        plan = _plan(settings, places)
        check_writable(settings.output_dir)
        # From now on: a run for another warehouse that writes here must not find out when it has built.
        held.enter_context(locked(settings.output_dir / _OUTPUT_LOCK))
        seeds_dir = _check_seeds(settings, places, console)
        _tell_skipped(plan, console)
        if not deps.is_installed(settings.project_dir):
            say(console, deps.install(settings.project_dir))

        outcomes, failed = _built(places, plan, seeds_dir, started, console)
        _keep_report(settings, plan, outcomes, failed)
        manifest = _export(settings, outcomes, failed, plan.skipped, judge)
        if manifest.held_back:
            _keep_report(settings, plan, outcomes, failed, manifest.held_back)
        for target, error in failed.items():
            say(console, f"Target {target} failed, what it holds is not renewed: {error}", style="bold red")

        results = [outcome.result for outcome in outcomes if outcome.result]
        has_failed = any(result.failed_tests or result.broken for result in results) or bool(manifest.held_back)
        exit_code = DATA_FAILED if has_failed or failed or plan.has_partial else OK
        with _step("report"):
            page.write(settings.output_dir, manifest)
        dashboard.show(console, settings.output_dir, manifest, exit_code)
        logs.event("run", exit=exit_code)
    return exit_code


@disk_in_plain_words()
def export(settings: Settings, console: Console) -> int:
    """Write the exports again from the warehouses as the last run left them; gives the exit code.

    Raises:
        TieoutError: nothing was built yet, or the exports could not be written.
    """
    from runner.exports import check_writable

    places = _places(settings)
    with locked(*(place.workspace.lock_path for place in places)), _gate(settings, places) as judge:
        outcomes = _outcomes_of_last_run(places)
        check_writable(settings.output_dir)
        failed: dict[str, TieoutError] = {}
        with locked(settings.output_dir / _OUTPUT_LOCK):
            manifest = _export(settings, outcomes, failed, (), judge)
    for target, error in failed.items():
        say(console, f"Target {target} failed, what it holds is not renewed: {error}", style="bold red")
    current = sum(file.status == "current" for file in manifest.files)
    say(
        console,
        f"{current} files as of {manifest.as_of} in {settings.output_dir}, {len(manifest.stale)} stale.",
    )
    is_whole = all(mart.is_current for outcome in outcomes for mart in outcome.state.marts_of_last_run)
    for mart, reason in manifest.held_back.items():
        say(console, f"Held back: {mart} ({reason}).", style="yellow")
    return OK if is_whole and not failed and not manifest.held_back else DATA_FAILED


def report(settings: Settings, console: Console) -> int:
    """Write the report again from the exports as they lie in the output folder; gives the exit code.

    Raises:
        TieoutError: there are no exports, or the page could not be written.
    """
    from runner.exports import read_manifest
    from runner.report import page

    manifest = read_manifest(settings.output_dir)
    if manifest is None:
        raise TieoutError(f"{settings.output_dir} holds no exports: write them with 'tieout run'.")
    with locked(settings.output_dir / _OUTPUT_LOCK):
        path = page.write(settings.output_dir, manifest)
    say(console, f"The report as of {manifest.as_of} is {path}.")
    return OK


@contextmanager
def _gate(settings: Settings, places: Sequence[_Place]) -> Iterator[Judge | None]:
    """The export gate, getting ready while the run goes on; none where it is switched off."""
    from runner.gate import gate

    if not gate.is_on():
        yield None
        return

    def nodes() -> Mapping[str, Any]:
        # Each warehouse has dbt's manifest of the whole project beside it.
        paths = [place.workspace.dbt_target_path / "manifest.json" for place in places]
        newest = max((path for path in paths if path.is_file()), key=lambda path: path.stat().st_mtime)
        found: Mapping[str, Any] = json.loads(newest.read_text(encoding="utf-8"))["nodes"]
        return found

    with gate.opened(settings.project_dir, settings.output_dir, log_dir(), nodes) as judge:
        yield judge


def _places(settings: Settings) -> list[_Place]:
    """The warehouses the domains live in.

    Raises:
        SettingError: a target cannot be used, or two are the same warehouse under two names.
    """
    places: list[_Place] = []
    known: dict[str, str] = {}
    for part in settings.by_target():
        output = profiles.target_output(part)
        other = known.setdefault(profiles.place_of(output), part.target)
        if other != part.target:
            raise SettingError(
                f"Targets {other} and {part.target} are the same warehouse: give its domains one target in "
                f"{deployment.FILE}."
            )
        places.append(_Place(part, output, Workspace(part, output)))
    return places


def _plan(settings: Settings, places: Sequence[_Place]) -> domains.Plan:
    files = [domain for place in places if place.output["type"] == "duckdb" for domain in place.settings.domains]
    # The other warehouses have their sources already; dbt names one that is missing.
    others = [domain for domain in settings.domains if domain not in files]
    if not files:
        return domains.Plan(settings.domains, ())
    tables = domains.raw_tables(settings.project_dir)
    plan = domains.plan(files, tables, settings.raw_dir, may_be_empty=bool(others))
    for skipped in plan.skipped:
        logs.event("domains", skipped=skipped.domain, missing=",".join(skipped.missing))
    return domains.Plan(
        tuple(domain for domain in settings.domains if domain in others or domain in plan.built), plan.skipped
    )


def _built(
    places: Sequence[_Place], plan: domains.Plan, seeds_dir: Path, started: datetime, console: Console
) -> tuple[list[_Outcome], dict[str, TieoutError]]:
    """Build each domain where it lives; gives what came of it, and the targets that failed, with the reason.

    Raises:
        TieoutError: all failed.
    """
    outcomes: list[_Outcome] = []
    failed: dict[str, TieoutError] = {}
    for place in places:
        own = [domain for domain in place.settings.domains if domain in plan.built]
        if not own:
            continue
        try:
            with disk_in_plain_words():
                outcomes.append(_build(place, own, seeds_dir, started, console))
        except TieoutError as error:
            logs.failure("build", error)
            failed[place.target] = error
    if not outcomes:
        raise next(iter(failed.values()))
    return outcomes, failed


def _build(place: _Place, built: Sequence[Domain], seeds_dir: Path, started: datetime, console: Console) -> _Outcome:
    settings = place.settings
    say(
        console,
        f"tieout: figures as of {settings.as_of:%Y-%m-%d %H:%M:%S} UTC, domains {', '.join(built)}, "
        f"target {settings.target}",
    )
    state = place.workspace.read()
    fingerprint = project_fingerprint(settings.project_dir)
    seeds = seed_fingerprints(settings.project_dir)
    full_refresh = settings.full_refresh
    if not full_refresh and needs_full_refresh(state, built, fingerprint):
        say(console, "The project changed since this warehouse was built: every table is built anew.")
        full_refresh = True
    if state is not None:
        # Should this run die, what it built must not pass for figures of the last one.
        place.workspace.write(state.in_doubt(built, settings.as_of))
    with (
        _step("build", target=place.target, domains=",".join(built), full_refresh=full_refresh),
        _progress(console) as listener,
    ):
        if place.output["type"] == "snowflake":
            snowflake_patience.limit()
        try:
            result = build(
                settings,
                built,
                place.workspace.dbt_target_path,
                seeds_dir=seeds_dir,
                full_refresh=full_refresh,
                listener=listener,
            )
        except NothingBuiltError:
            if state is not None:
                place.workspace.write(state)
            raise
    _refuse_lost_warehouse(place, result)
    state = _new_state(settings, built, result, state, fingerprint, seeds, started)
    place.workspace.write(state)
    _tell_failures(result, console)
    _refuse_empty_handed(result, state)
    return _Outcome(place, state, result)


def _outcomes_of_last_run(places: Sequence[_Place]) -> list[_Outcome]:
    """The warehouses that the last run built; one that it skipped, or that failed, is none of them."""
    found = [_Outcome(place, state) for place in places if (state := place.workspace.read()) is not None]
    if not found:
        targets = ", ".join(place.target for place in places)
        raise TieoutError(f"Nothing was built yet for target {targets}: build it with 'tieout run'.")
    last_run = max(outcome.state.run_started for outcome in found)
    outcomes = [outcome for outcome in found if outcome.state.run_started == last_run]
    for outcome in outcomes:
        moved = [domain for domain in outcome.state.domains if domain not in outcome.place.settings.domains]
        if moved:
            raise TieoutError(
                f"Target {outcome.place.target} was last built with {moved[0]}, which lives elsewhere now: "
                "build with 'tieout run'."
            )
    return outcomes


def _tell_skipped(plan: domains.Plan, console: Console) -> None:
    for skipped in plan.skipped:
        missing = ", ".join(skipped.missing)
        if skipped.is_partial:
            say(
                console,
                f"Warning: domain {skipped.domain} is skipped, only some of its files are there; "
                f"missing: {missing} (.parquet or .csv).",
                style="bold yellow",
            )
        else:
            say(console, f"Domain {skipped.domain} is skipped: none of its files are there ({missing}).")


def _check_seeds(settings: Settings, places: Sequence[_Place], console: Console) -> Path:
    """Refuse seeds that do not fit; gives the folder to build from, a copy where a spreadsheet damaged some."""
    seeds_dir = settings.project_dir / "seeds"
    with _step("seeds"):
        report = inspect_seeds(seeds_dir)
        problems = report.of("refused")
        if report.normalized:
            seeds_dir = places[0].workspace.dbt_target_path / "seeds"
            report.write_copy(seeds_dir)
        if not problems and any(place.output["type"] == "sqlserver" for place in places):
            from runner.like_patterns import problems_in_rules

            problems = problems_in_rules(settings.project_dir, seeds_dir)
        for problem in [*report.findings, *problems]:
            logs.event(
                "seeds",
                verdict=problem.verdict,
                file=problem.file,
                row=problem.row,
                column=problem.column,
                problem=problem.problem,
            )
        if problems:
            raise SeedCheckError([*problems, *report.of("normalized"), *report.of("warning")])
    normalized, warnings = len(report.of("normalized")), len(report.of("warning"))
    if normalized or warnings:
        say(
            console,
            f"Seeds: {normalized} cells or files read otherwise than they are written, {warnings} warnings; "
            "'tieout check' lists them.",
        )
    return seeds_dir


def _new_state(
    settings: TargetSettings,
    built: Sequence[Domain],
    result: BuildResult,
    before: WarehouseState | None,
    fingerprint: str,
    seeds: dict[str, str],
    started: datetime,
) -> WarehouseState:
    from runner.marts import mart_states

    marts = {mart.name: mart for mart in mart_states(result, built, settings.as_of)}
    models = {node["name"]: node for node in result.manifest["nodes"].values() if node["resource_type"] == "model"}
    for mart in before.marts if before else ():
        if mart.name in models:
            marts.setdefault(mart.name, mart)
    is_complete = not any(node.is_broken or node.status == "skipped" for node in result.nodes)
    return WarehouseState(
        run_started=started,
        as_of=settings.as_of,
        domains=list(built),
        fingerprints=fingerprints_after(before, built, fingerprint, is_complete=is_complete),
        seeds=seeds,
        settings_relation=models["int_run_settings"]["relation_name"],
        marts=sorted(marts.values(), key=lambda mart: mart.name),
    )


def _refuse_lost_warehouse(place: _Place, result: BuildResult) -> None:
    """Tell a warehouse that went away or has no room from a table that is wrong: then nothing of it is exported.

    Raises:
        TieoutError: no room is left, or it cannot be reached any more.
    """
    from runner.warehouse import open_warehouse

    in_vain = [*result.broken, *(node for node in result.failed_tests if node.failures is None)]
    if not in_vain:
        return
    for node in in_vain:
        if full := full_disk_in(node.message):
            raise BuildError(
                f"The disk of target {place.target} was full when {node.name} was built ({full}): make room and run "
                "again; the exports are those of the run before."
            )
    model = next(node for node in result.manifest["nodes"].values() if node["name"] == "int_run_settings")
    with open_warehouse(place.output, place.target) as warehouse:
        if not any(node.unique_id == model["unique_id"] for node in in_vain):
            warehouse.count_rows([model["relation_name"]])


def _refuse_empty_handed(result: BuildResult, state: WarehouseState) -> None:
    """Stop where tables broke and no mart came out: there is nothing to export."""
    has_mart = any(mart.is_current for mart in state.marts_of_last_run)
    if result.broken and not has_mart:
        broken = result.broken[0]
        raise BuildError(
            f"No mart could be built: {broken.name} failed ({broken.message[:300]}); "
            "see logs/tieout.log, and the earlier exports are untouched."
        )


def _keep_report(
    settings: Settings,
    plan: domains.Plan,
    outcomes: Sequence[_Outcome],
    failed: Mapping[str, TieoutError],
    held_back: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Keep what failed for the next delivery of alerts; a ledger that cannot be used is no reason to stop."""
    from runner.alerts.run_report import keep_report, report_build
    from runner.alerts.service import ledger_path

    built = [domain for outcome in outcomes for domain in outcome.state.domains]
    results = [outcome.result for outcome in outcomes if outcome.result]
    try:
        report = report_build(settings.as_of, built, plan.skipped, results, failed, held_back)
        keep_report(ledger_path(settings), report)
    except TieoutError as error:
        logs.failure("alerts", error)


def _export(
    settings: Settings,
    outcomes: Sequence[_Outcome],
    failed: dict[str, TieoutError],
    skipped: Sequence[domains.Skipped],
    judge: Judge | None,
) -> Manifest:
    """Export what is in the warehouses; one that cannot be read joins those that failed, and the others go without it.

    The caller holds the lock of the output folder.

    Raises:
        TieoutError: none can be read, or the exports could not be written.
    """
    with _step("export"), ExitStack() as stack:
        opened = _opened(outcomes, failed, stack)
        while opened:
            try:
                return _export_from(settings, opened, failed, skipped, judge)
            except WarehouseError as error:
                logs.failure("export", error)
                failed[error.target] = error
                opened = [one for one in opened if one.target != error.target]
        raise next(iter(failed.values()))


def _opened(outcomes: Sequence[_Outcome], failed: dict[str, TieoutError], stack: ExitStack) -> list[OpenWarehouse]:
    from runner.merged_marts import OpenWarehouse
    from runner.warehouse import open_warehouse

    opened = []
    for outcome in outcomes:
        target = outcome.place.target
        try:
            warehouse = stack.enter_context(open_warehouse(outcome.place.output, target))
            _log_rows(warehouse, outcome.result)
        except WarehouseError as error:
            logs.failure("export", error)
            failed[target] = error
        else:
            opened.append(OpenWarehouse(target, warehouse, outcome.state))
    return opened


def _export_from(
    settings: Settings,
    opened: Sequence[OpenWarehouse],
    failed: Mapping[str, TieoutError],
    skipped: Sequence[domains.Skipped],
    judge: Judge | None,
) -> Manifest:
    from runner.exports import RunFacts, export_marts
    from runner.merged_marts import marts_of, moment_of

    as_of = moment_of(opened)
    facts = RunFacts(
        as_of=as_of,
        run_started=max(one.state.run_started for one in opened),
        targets={domain: one.target for domain in DOMAINS for one in opened if domain in one.state.domains},
        skipped_domains=[skip.domain for skip in skipped],
        failed_domains={
            domain: f"target {target} failed" for domain, target in settings.targets.items() if target in failed
        },
    )
    marts = [replace(mart, as_of=as_of) for mart in marts_of(opened)]
    return export_marts(marts, settings.output_dir, facts, judge)


def _log_rows(warehouse: Warehouse, result: BuildResult | None) -> None:
    if result is not None:
        tables = _tables_built(result)
        for relation, rows in warehouse.count_rows(list(tables)).items():
            logs.event("rows", table=tables[relation], rows=rows)


def _tables_built(result: BuildResult) -> dict[str, str]:
    """Relation to name of the tables that were built and can be counted at no cost (no views)."""
    nodes = result.manifest["nodes"]
    return {
        nodes[built.unique_id]["relation_name"]: built.name
        for built in result.nodes
        if built.status == "success"
        and built.kind in ("model", "seed", "snapshot")
        and nodes[built.unique_id]["config"]["materialized"] not in ("view", "ephemeral")
    }


def _tell_failures(result: BuildResult, console: Console) -> None:
    failed = [*result.broken, *result.failed_tests]
    for node in failed:
        logs.event("failed", node=node.unique_id, failures=node.failures, message=node.message)
    if not failed:
        return
    table = Table(title="What failed", title_justify="left", expand=False)
    table.add_column("table or test", overflow="fold")
    table.add_column("rows", justify="right")
    table.add_column("what dbt said", overflow="fold")
    for node in failed[:_MOST_FAILURES_SHOWN]:
        rows = "" if node.failures is None else str(node.failures)
        table.add_row(node.name, rows, Text(node.message[:300]))
    console.print(table)
    if len(failed) > _MOST_FAILURES_SHOWN:
        say(console, "The others stand in logs/tieout.log.")


@contextmanager
def _progress(console: Console) -> Iterator[Any]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading the project", total=None)

        def listen(name: str, done: int, total: int) -> None:
            progress.update(task, description=name[:48], completed=done, total=total or None)

        yield listen


@contextmanager
def _step(name: str, **fields: str | bool) -> Iterator[None]:
    """Log the start, end and duration of a step."""
    started = time.perf_counter()
    logs.event(name, level=logging.INFO, event="start", **fields)
    yield
    logs.event(name, event="end", seconds=time.perf_counter() - started)
