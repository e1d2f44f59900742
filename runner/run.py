"""A run from start to end: lock, seeds, packages, build, exports, dashboard."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from runner import deps, domains, logs, profiles
from runner.build import BuildResult, build
from runner.errors import BuildError, TieoutError
from runner.screen import say
from runner.seed_checks import SeedCheckError, check_seeds
from runner.settings import Settings, iso, log_dir
from runner.state import (
    MartState,
    WarehouseState,
    Workspace,
    fingerprints_after,
    locked,
    needs_full_refresh,
    project_fingerprint,
)

if TYPE_CHECKING:
    from runner.gate.gate import Judge

OK, DATA_FAILED, COULD_NOT_RUN = 0, 1, 2
"""Exit codes: all well; the data failed a test (what passed is exported); the command could not run."""

_OUTPUT_LOCK = ".tieout.lock"
_MOST_FAILURES_SHOWN = 20


def run(settings: Settings, console: Console) -> int:
    """Build the domains whose raw tables are there, export their marts and show the figures; gives the exit code.

    Raises:
        TieoutError: the run could not be done; exports of earlier runs are untouched.
    """
    from runner import dashboard
    from runner.report import page

    started = datetime.now(UTC)
    output = profiles.target_output(settings)
    workspace = Workspace(settings, output)
    with (
        locked(workspace.lock_path),
        _step("run", as_of=iso(settings.as_of), target=settings.target),
        _gate(settings, workspace) as judge,
    ):
        plan = _plan(settings, output["type"])
        from runner.exports import check_writable

        check_writable(settings.output_dir)
        _check_seeds(settings, output["type"])
        say(
            console,
            f"tieout: figures as of {settings.as_of:%Y-%m-%d %H:%M:%S} UTC, domains {', '.join(plan.built)}, "
            f"target {settings.target}",
        )
        _tell_skipped(plan, console)
        if not deps.is_installed(settings.project_dir):
            say(console, deps.install(settings.project_dir))

        state = workspace.read()
        fingerprint = project_fingerprint(settings.project_dir)
        full_refresh = settings.full_refresh
        if not full_refresh and needs_full_refresh(state, plan.built, fingerprint):
            say(console, "The project changed since this warehouse was built: every table is built anew.")
            full_refresh = True
        with _step("build", domains=",".join(plan.built), full_refresh=full_refresh), _progress(console) as listener:
            result = build(
                settings, plan.built, workspace.dbt_target_path, full_refresh=full_refresh, listener=listener
            )
        state = _new_state(settings, plan, result, state, fingerprint, started)
        workspace.write(state)
        _tell_failures(result, console)
        _refuse_empty_handed(result, state)
        manifest = _export(settings, output, state, plan.skipped, result, judge)

        has_failed = bool(result.failed_tests or result.broken or plan.has_partial or manifest.held_back)
        exit_code = DATA_FAILED if has_failed else OK
        with _step("report"):
            page.write(settings.output_dir, manifest)
        dashboard.show(console, settings.output_dir, manifest, exit_code)
        logs.event("run", exit=exit_code)
    return exit_code


def export(settings: Settings, console: Console) -> int:
    """Write the exports again from the warehouse as the last run left it; gives the exit code.

    Raises:
        TieoutError: nothing was built yet, or the exports could not be written.
    """
    from runner.exports import check_writable

    output = profiles.target_output(settings)
    workspace = Workspace(settings, output)
    with locked(workspace.lock_path), _gate(settings, workspace) as judge:
        state = workspace.read()
        if state is None:
            raise TieoutError(f"Nothing was built yet for target {settings.target}: build it with 'tieout run'.")
        check_writable(settings.output_dir)
        manifest = _export(settings, output, state, (), None, judge)
    current = sum(file.status == "current" for file in manifest.files)
    say(
        console,
        f"{current} files as of {manifest.as_of} in {settings.output_dir}, {len(manifest.stale)} stale.",
    )
    for mart, reason in manifest.held_back.items():
        say(console, f"Held back: {mart} ({reason}).", style="yellow")
    is_whole = all(mart.is_current for mart in state.marts if _is_of_last_run(mart, state))
    return OK if is_whole and not manifest.held_back else DATA_FAILED


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
def _gate(settings: Settings, workspace: Workspace) -> Iterator[Judge | None]:
    """The export gate, getting ready while the run goes on; none where it is switched off."""
    from runner.gate import gate

    if not gate.is_on():
        yield None
        return

    def nodes() -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads((workspace.dbt_target_path / "manifest.json").read_text("utf-8"))["nodes"]
        return found

    with gate.opened(settings.project_dir, settings.output_dir, log_dir(), nodes) as judge:
        yield judge


def _plan(settings: Settings, engine: str) -> domains.Plan:
    if engine != "duckdb":
        # A warehouse has its sources already; dbt names one that is missing.
        return domains.Plan(settings.domains, ())
    plan = domains.plan(settings.domains, domains.raw_tables(settings.project_dir), settings.raw_dir)
    for skipped in plan.skipped:
        logs.event("domains", skipped=skipped.domain, missing=",".join(skipped.missing))
    return plan


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


def _check_seeds(settings: Settings, engine: str) -> None:
    with _step("seeds"):
        problems = check_seeds(settings.project_dir / "seeds")
        if engine == "sqlserver" and not problems:
            from runner.like_patterns import problems_in_rules

            problems = problems_in_rules(settings.project_dir)
        for problem in problems:
            logs.event("seeds", file=problem.file, row=problem.row, column=problem.column, problem=problem.problem)
        if problems:
            raise SeedCheckError(problems)


def _new_state(
    settings: Settings,
    plan: domains.Plan,
    result: BuildResult,
    before: WarehouseState | None,
    fingerprint: str,
    started: datetime,
) -> WarehouseState:
    from runner.marts import mart_states

    marts = {mart.name: mart for mart in mart_states(result, plan.built, settings.as_of)}
    models = {node["name"]: node for node in result.manifest["nodes"].values() if node["resource_type"] == "model"}
    for mart in before.marts if before else ():
        if mart.name in models:
            marts.setdefault(mart.name, mart)
    is_complete = not any(node.is_broken or node.status == "skipped" for node in result.nodes)
    return WarehouseState(
        run_started=started,
        as_of=settings.as_of,
        domains=list(plan.built),
        fingerprints=fingerprints_after(before, plan.built, fingerprint, is_complete=is_complete),
        settings_relation=models["int_run_settings"]["relation_name"],
        marts=sorted(marts.values(), key=lambda mart: mart.name),
    )


def _refuse_empty_handed(result: BuildResult, state: WarehouseState) -> None:
    """Stop where tables broke and no mart came out: there is nothing to export."""
    has_mart = any(mart.is_current and _is_of_last_run(mart, state) for mart in state.marts)
    if result.broken and not has_mart:
        broken = result.broken[0]
        raise BuildError(
            f"No mart could be built: {broken.name} failed ({broken.message[:300]}); "
            "see logs/tieout.log, and the earlier exports are untouched."
        )


def _is_of_last_run(mart: MartState, state: WarehouseState) -> bool:
    return mart.domain in [*state.domains, "operations"]


def _export(
    settings: Settings,
    output: Mapping[str, Any],
    state: WarehouseState,
    skipped: Sequence[domains.Skipped],
    result: BuildResult | None,
    judge: Judge | None,
) -> Any:
    from runner.exports import RunFacts, export_marts
    from runner.warehouse import open_warehouse

    with (
        _step("export"),
        locked(settings.output_dir / _OUTPUT_LOCK),
        open_warehouse(output) as warehouse,
    ):
        if result is not None:
            tables = _tables_built(result)
            for relation, rows in warehouse.count_rows(list(tables)).items():
                logs.event("rows", table=tables[relation], rows=rows)
        (moment,) = warehouse.read_arrow(state.settings_relation, ()).read_all().column("as_of").to_pylist()
        as_of = moment.replace(tzinfo=UTC)
        marts = [mart.model_copy(update={"as_of": as_of}) for mart in state.marts if _is_of_last_run(mart, state)]
        facts = RunFacts(
            as_of=as_of,
            run_started=state.run_started,
            target=settings.target,
            domains=state.domains,
            skipped_domains=[skip.domain for skip in skipped],
        )
        return export_marts(warehouse, marts, settings.output_dir, facts, judge)


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
