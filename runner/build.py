"""The build: one `dbt build` inside this process, its events turned into progress and log lines.

dbt's programmatic runner is not safe to run twice at once; the caller holds the warehouse's lock.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from runner import logs
from runner.errors import BuildError, NothingBuiltError, full_disk_in, says_locked
from runner.profiles import profiles_folder
from runner.settings import DUCKDB_PATH, Domain, TargetSettings, iso

# Called with what is being built, how many steps are done, and how many there are.
ProgressListener = Callable[[str, int, int], None]

# The folder dbt_project.yml names for the seeds, relative to the project.
SEEDS_DIR = "TIEOUT_SEEDS_DIR"

# A closing being done, `<domain> <month> <day of closing>` (macros/incremental/forget_closing.sql).
CLOSING = "TIEOUT_CLOSING"

BAD_STATUSES = {"error", "fail", "runtime error"}
"""What dbt says of a node that came to no good."""


@dataclass(frozen=True)
class NodeResult:
    """How one seed, model, snapshot or test came out."""

    unique_id: str
    name: str
    kind: str
    status: str
    message: str
    failures: int | None
    seconds: float
    depends_on: tuple[str, ...] = ()

    @property
    def is_failed_test(self) -> bool:
        """Tell whether this is a test that found what it must not find (or could not run)."""
        return self.kind == "test" and self.status in BAD_STATUSES

    @property
    def is_broken(self) -> bool:
        """Tell whether this is a table that could not be built."""
        return self.kind != "test" and self.status in BAD_STATUSES


@dataclass(frozen=True)
class BuildResult:
    """All node results of a build, and dbt's manifest of the project."""

    nodes: tuple[NodeResult, ...]
    manifest: Mapping[str, Any] = field(repr=False)

    @property
    def failed_tests(self) -> tuple[NodeResult, ...]:
        """Tests that failed."""
        return tuple(node for node in self.nodes if node.is_failed_test)

    @property
    def broken(self) -> tuple[NodeResult, ...]:
        """Seeds, models and snapshots that errored."""
        return tuple(node for node in self.nodes if node.is_broken)


def selection(domains: Sequence[Domain]) -> list[str]:
    """Arguments that make dbt build these domains and nothing else.

    Tests run only where everything they read is selected (`cautious`): one that compares a table of a skipped domain
    with a shared seed must not run.
    """
    return [
        "--select",
        *(f"tag:{tag}" for tag in ("common", "operations", *domains)),
        "--indirect-selection",
        "cautious",
        "--exclude-resource-type",
        "unit_test",
    ]


def build(
    settings: TargetSettings,
    domains: Sequence[Domain],
    dbt_target_path: Path,
    *,
    seeds_dir: Path,
    full_refresh: bool,
    listener: ProgressListener,
) -> BuildResult:
    """Build the domains and run their tests.

    Settings go to dbt by environment (TIEOUT_RAW_DIR, TIEOUT_AS_OF, TIEOUT_DOMAINS): `--vars` would throw its partial
    parse away.

    Raises:
        BuildError: dbt broke off.
        NothingBuiltError: dbt stopped before it could build anything.
        OSError: the disk of its own files is full or cannot be written.
    """
    environment = {"TIEOUT_RAW_DIR": settings.raw_dir.as_posix()}
    arguments = [*selection(domains), *(["--full-refresh"] if full_refresh else [])]
    return _build(settings, domains, dbt_target_path, seeds_dir, environment, arguments, listener)


def build_closing(
    settings: TargetSettings,
    domains: Sequence[Domain],
    dbt_target_path: Path,
    *,
    seeds_dir: Path,
    domain: Domain,
    month: date,
    closed_on: date,
) -> BuildResult:
    """Build what keeps the figures of a month that is being closed, from the tables as the last run left them.

    Figures that an earlier attempt kept for the same closing are forgotten first, so that the same call with seeds that
    do not hold the closing undoes it.

    Raises:
        BuildError: dbt stopped before it could build anything.
    """
    environment = {"TIEOUT_RAW_DIR": "", CLOSING: f"{domain} {month} {closed_on}"}
    tables = ["period_closes", "stg_reference__period_closes", f"int_{domain}_closed_figures"]
    tables += [f"int_{domain}_restatements", "rpt_restatements"]
    arguments = ["--select", *tables, "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test"]
    return _build(settings, domains, dbt_target_path, seeds_dir, environment, arguments, lambda *_: None)


def _build(
    settings: TargetSettings,
    domains: Sequence[Domain],
    dbt_target_path: Path,
    seeds_dir: Path,
    own_environment: Mapping[str, str],
    own_arguments: Sequence[str],
    listener: ProgressListener,
) -> BuildResult:
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner

    settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    environment = {
        "TIEOUT_AS_OF": iso(settings.as_of),
        "TIEOUT_DOMAINS": ",".join(domains),
        DUCKDB_PATH: _warehouse_for_dbt(settings),
        SEEDS_DIR: os.path.relpath(seeds_dir, settings.project_dir),
        **own_environment,
    }
    with profiles_folder(settings.project_dir) as profiles_dir, _environment(environment), no_search_for_garbage():
        arguments = [
            "build",
            *own_arguments,
            *("--target", settings.target),
            *("--project-dir", str(settings.project_dir)),
            *("--profiles-dir", str(profiles_dir)),
            *("--target-path", str(dbt_target_path)),
            *("--log-path", str(dbt_target_path / "logs")),
            *("--log-level", "none", "--log-level-file", "none", "--no-print", "--no-use-colors"),
            *("--no-send-anonymous-usage-stats", "--no-version-check"),
        ]
        events = _EventListener(listener)
        try:
            outcome = dbtRunner(callbacks=[events]).invoke(arguments)
        finally:
            _let_go_of_warehouse()
    if isinstance(outcome.exception, OSError | KeyboardInterrupt):
        raise outcome.exception
    if outcome.exception is not None or not isinstance(outcome.result, RunExecutionResult):
        kind = BuildError if events.has_started else NothingBuiltError
        raise kind(_sentence(outcome.exception)) from outcome.exception
    manifest = json.loads((dbt_target_path / "manifest.json").read_text(encoding="utf-8"))
    return BuildResult(tuple(_node_result(result) for result in outcome.result.results), manifest)


def _warehouse_for_dbt(settings: TargetSettings) -> str:
    """The warehouse by its path from the project, where the run was started there.

    dbt reads a project anew where its warehouse has another path: what it knows of one would be lost when the folder is
    moved or copied. It looks for files from where the run was started.
    """
    path = settings.warehouse_path
    if path.is_relative_to(settings.project_dir) and Path.cwd() == settings.project_dir:
        path = path.relative_to(settings.project_dir)
    return path.as_posix()


class _EventListener:
    """Turns dbt's events into progress and log lines; dbt calls it from several threads."""

    def __init__(self, listener: ProgressListener) -> None:
        self._listener = listener
        self._lock = threading.Lock()
        self._done = 0
        self._total = 0
        self.has_started = False

    def __call__(self, event: Any) -> None:
        name = event.info.name
        if name not in ("LogStartLine", "NodeFinished"):
            return
        node = event.data.node_info
        with self._lock:
            self.has_started = True
            if name == "LogStartLine":
                self._total = event.data.total
            else:
                self._done += 1
                logs.event(
                    "build",
                    node=node.unique_id,
                    status=node.node_status,
                    seconds=float(event.data.run_result.execution_time),
                )
            self._listener(node.node_name, self._done, self._total)


def _node_result(result: Any) -> NodeResult:
    node = result.node
    return NodeResult(
        unique_id=node.unique_id,
        name=node.name,
        kind=str(node.resource_type),
        status=str(result.status),
        message=" ".join(str(result.message or "").split()),
        failures=result.failures,
        seconds=float(result.execution_time),
        depends_on=tuple(getattr(node, "depends_on_nodes", ())),
    )


def _sentence(error: BaseException | None) -> str:
    """What dbt said, as one sentence."""
    if error is None:
        return "dbt stopped without saying why: see logs/tieout.log."
    text = str(getattr(error, "msg", "") or error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = lines[0] if lines else type(error).__name__
    if says_locked(text):
        return f"The warehouse is open in another program ({first}): close it and run again."
    if full := full_disk_in(text):
        return f"The disk is full ({full}): make room and run again; the exports are those of the run before."
    return first if "log" in first else f"{first.rstrip('.')} (details in logs/tieout.log)."


def _let_go_of_warehouse() -> None:
    """Close the connection that dbt-duckdb keeps in this process: the file could not be opened read-only otherwise."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


@contextmanager
def no_search_for_garbage() -> Iterator[None]:
    """Look for no garbage while dbt works: what it makes stays until it ends, searching it took a seventh of the time.

    What is not found meanwhile is half a megabyte a table or test. What a build before left goes first: where that one
    broke off, a connection is among it, and dbt would go on in a file that was deleted since. What this one leaves is
    put by until then (`freeze`): the next search would go through all of it, for a second, to find that most is in use.
    """
    gc.unfreeze()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        # Where it never goes, DuckDB complains at the end of the process of what it still holds.
        atexit.register(gc.unfreeze)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
