"""What edited rule seeds would move, before they are merged: tasks, points and GBP.

The warehouse stays as it is. dbt builds the models between the rule seeds and fct_service_tasks once more beside it (in
a scratch file on the embedded engine, in schemas of their own elsewhere), reading everything else from the warehouse
(`--defer`); one query then holds the two valuations against each other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table
from rich.text import Text

from runner import profiles
from runner.build import SEEDS_DIR
from runner.errors import BuildError, TieoutError
from runner.screen import say
from runner.seed_checks import inspect_seeds
from runner.seed_problems import SeedCheckError
from runner.settings import Settings, TargetSettings, iso
from runner.state import WarehouseState, Workspace, locked, needs_full_refresh, project_fingerprint
from runner.warehouse import DuckDBWarehouse, Warehouse, open_warehouse

RULE_SEEDS = ("environment_rules", "task_category_rules", "completion_method_tiers", "tier_rates")
_TASKS = "fct_service_tasks"
_SCRATCH = "rules_diff"
_ORDER = ("dimension", "value_before", "value_after", "rule_before", "rule_after")
_WHOLE = "all tasks"


@dataclass(frozen=True)
class Move:
    """Tasks that go the same way: what they were and would be, and by which rule."""

    dimension: str
    rule_before: str
    rule_after: str
    value_before: str
    value_after: str
    task_count: int
    points_before: Decimal
    points_after: Decimal
    points_change: Decimal
    gbp_before: Decimal
    gbp_after: Decimal
    gbp_change: Decimal


def report(settings: Settings, console: Console) -> int:
    """Print what the edited rules move; gives the exit code, 0 whether anything moves or not.

    Raises:
        TieoutError: nothing was built yet to compare with, or the edited seeds do not fit.
    """
    moves, as_of = compare(settings.of_domain("msp"))
    total = next((move for move in moves if move.dimension == _WHOLE), None)
    moved = [move for move in moves if move.dimension != _WHOLE]
    if total is None or not moved:
        say(console, f"Nothing moves: the rules value every task as of {as_of} as the last run did.")
        return 0
    table = Table(title="What the edited rules move", title_justify="left", box=None, pad_edge=False)
    for name in ("dimension", "from", "to", "rule"):
        table.add_column(name, overflow="fold")
    for name in ("tasks", "points", "change", "GBP", "change"):
        table.add_column(name, justify="right")
    for move in moved:
        rule = move.rule_after if move.rule_before == move.rule_after else f"{move.rule_before} -> {move.rule_after}"
        table.add_row(
            *(Text(text) for text in (move.dimension, move.value_before, move.value_after, rule)), *_figures(move)
        )
    table.add_section()
    table.add_row(_WHOLE, "", "", "", *_figures(total))
    console.print(table)
    say(console, f"Compared with the last run, as of {as_of}, overrides applied; nothing was changed.")
    return 0


def _figures(move: Move) -> list[str]:
    return [
        f"{move.task_count:,}",
        f"{move.points_after:,.2f}",
        f"{move.points_change:+,.2f}",
        f"{move.gbp_after:,.2f}",
        f"{move.gbp_change:+,.2f}",
    ]


def compare(settings: TargetSettings) -> tuple[list[Move], str]:
    """Value the tasks of the last run by the edited seeds; gives what moves and the moment of that run."""
    output = profiles.target_output(settings)
    workspace = Workspace(settings, output)
    with locked(workspace.lock_path):
        state = workspace.read()
        if state is None or not (workspace.dbt_target_path / "manifest.json").is_file():
            raise TieoutError(
                f"There is nothing to compare with yet for target {settings.target}: build it with 'tieout run'."
            )
        tasks = next((mart.relation for mart in state.marts if mart.name == _TASKS and mart.is_current), None)
        if tasks is None:
            raise TieoutError("The last run did not value the service tasks: run 'tieout run' with domain msp first.")
        if needs_full_refresh(state, ["msp"], project_fingerprint(settings.project_dir)):
            raise TieoutError("The models changed since the last run, and not the rules alone: run 'tieout run' first.")
        folder = workspace.dbt_target_path.with_suffix(f".{_SCRATCH}")
        folder.mkdir(parents=True, exist_ok=True)
        seeds_dir = _seeds(settings, folder)
        with _scratch(settings, output, folder) as scratch:
            edited = _value(settings, state, workspace, folder, seeds_dir)
            with scratch.open() as warehouse:
                return _moves(warehouse, tasks, edited), iso(state.as_of)


def _seeds(settings: TargetSettings, folder: Path) -> Path:
    found = inspect_seeds(settings.project_dir / "seeds")
    if found.of("refused"):
        raise SeedCheckError(found.of("refused"))
    if not found.normalized:
        return settings.project_dir / "seeds"
    found.write_copy(folder / "seeds")
    return folder / "seeds"


def _moves(warehouse: Warehouse, before: str, after: str) -> list[Move]:
    query = (Path(__file__).parent / "sql" / "rules_diff.sql").read_text(encoding="utf-8")
    _, _, query = query.partition("\n")
    rows = warehouse.read_arrow(f"({query.format(before=before, after=after)}) as moved", _ORDER).read_all().to_pylist()
    return [Move(**{name.lower(): value for name, value in row.items()}) for row in rows]


@dataclass(frozen=True)
class _Scratch:
    """Where the edited rules are tried."""

    settings: TargetSettings
    output: Mapping[str, Any]
    file: Path | None

    @contextmanager
    def open(self) -> Iterator[Warehouse]:
        if self.file is None:
            with open_warehouse(self.output, self.settings.target) as warehouse:
                yield warehouse
            return
        import duckdb

        with duckdb.connect(str(self.file), read_only=True) as connection:
            connection.execute(_attached(self.output["path"]))
            yield DuckDBWarehouse(connection)


@contextmanager
def _scratch(settings: TargetSettings, output: Mapping[str, Any], folder: Path) -> Iterator[_Scratch]:
    """Write a profile that builds beside the warehouse, and clear away afterwards what was built."""
    written = yaml.safe_load(profiles.profiles_file(settings.project_dir).read_text(encoding="utf-8"))
    target = written["tieout"]["outputs"][settings.target]
    file = folder / f"{_SCRATCH}.duckdb" if output["type"] == "duckdb" else None
    if file is not None:
        file.unlink(missing_ok=True)
        target["path"] = file.as_posix()
        warehouse = Path(output["path"]).resolve()
        target["attach"] = [{"path": warehouse.as_posix(), "alias": warehouse.stem, "read_only": True}]
    else:
        # What stands in the file, so that no secret is written out.
        target["schema"] = f"{target['schema']}_{_SCRATCH}"
    profile = {"tieout": {"target": settings.target, "outputs": {settings.target: target}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    try:
        yield _Scratch(settings, output, file)
    finally:
        if file is not None:
            file.unlink(missing_ok=True)
            file.with_name(f"{file.name}.wal").unlink(missing_ok=True)
        else:
            _dbt(settings, folder, {}, "run-operation", "drop_scratch_schemas")


def _value(settings: TargetSettings, state: WarehouseState, workspace: Workspace, folder: Path, seeds_dir: Path) -> str:
    """Build what lies between the rule seeds and the tasks with the edited seeds; gives the relation of the tasks."""
    environment = {
        "TIEOUT_RAW_DIR": (folder / "no raw tables").as_posix(),
        "TIEOUT_DOMAINS": ",".join(state.domains),
        SEEDS_DIR: os.path.relpath(seeds_dir, settings.project_dir),
    }
    arguments = ["build", "--select", *(f"{seed}+,+{_TASKS}" for seed in RULE_SEEDS)]
    arguments += ["--resource-type", "model", "--resource-type", "seed", "--full-refresh"]
    arguments += ["--defer", "--favor-state", "--state", str(workspace.dbt_target_path)]
    _dbt(settings, folder, environment, *arguments)
    manifest = json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    return next(
        str(node["relation_name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["name"] == _TASKS
    )


def _dbt(settings: TargetSettings, folder: Path, environment: Mapping[str, str], *arguments: str) -> None:
    """Run dbt in a process of its own, which lets go of the warehouse when it ends."""
    command = [sys.executable, "-m", "dbt.cli.main", *arguments]
    command += ["--target", settings.target, "--project-dir", str(settings.project_dir), "--profiles-dir", str(folder)]
    command += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    command += ["--log-format", "text", "--no-use-colors", "--no-send-anonymous-usage-stats", "--no-version-check"]
    done = subprocess.run(  # noqa: S603 (dbt's own command line)
        command,
        cwd=settings.project_dir,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        lines = [line[10:].strip() for line in done.stdout.splitlines() if "rror" in line]
        said = lines[0] if lines else (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
        raise BuildError(f"dbt could not value the tasks by the edited rules: {said} (details in {folder / 'logs'}).")


def _attached(path: str) -> str:
    file = Path(path).resolve()
    return f"attach '{file.as_posix()}' as \"{file.stem}\" (read_only)"
