"""What edited rules would move is told in tasks, points and GBP, and the warehouse stays as it is."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from conftest import Built
from typer.testing import CliRunner

from runner import settings
from runner.cli import app
from runner.rules_diff import Move, compare

PROJECT = Path(__file__).resolve().parent.parent.parent
EDITS = {
    "task_category_rules": (",Password reset", ",Credentials"),
    "tier_rates": ("Complex,4.0000,4.3500,2026-01-01,", "Complex,4.0000,5.0000,01.01.2026,"),
    "environment_rules": ("-HQ$|-OFF$", "-OFF$"),
}


@dataclass
class Diff:
    """The project with edited rules, and what they move."""

    project: Path
    moves: list[Move]
    as_of: str
    screen: str
    is_warehouse_the_same: bool


@pytest.fixture(scope="module")
def diff(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Diff:
    folder = tmp_path_factory.mktemp("edited")
    project = folder / "project"
    project.mkdir()
    for name in ("models", "macros", "seeds", "snapshots"):
        shutil.copytree(PROJECT / name, project / name)
    for name in ("dbt_project.yml", "packages.yml", "package-lock.yml", "profiles.yml.example"):
        shutil.copy(PROJECT / name, project / name)
    shutil.copytree(PROJECT / "runner" / "standin" / "dbt_utils", project / "dbt_packages" / "dbt_utils")
    for seed, (old, new) in EDITS.items():
        (path,) = (project / "seeds").rglob(f"{seed}.csv")
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    before = hashlib.sha256(built.warehouse.read_bytes()).hexdigest()
    with built.to_itself, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIEOUT_PROJECT_DIR", str(project))
        patch.setenv("TIEOUT_DUCKDB_PATH", str(built.warehouse))
        patch.setenv("TIEOUT_LOG_DIR", str(folder / "logs"))
        moves, as_of = compare(settings.resolve().of_domain("msp"))
        patch.setattr("runner.rules_diff.compare", lambda _: (moves, as_of))
        screen = CliRunner().invoke(app, ["rules", "diff"])
    assert screen.exit_code == 0, screen.output
    after = hashlib.sha256(built.warehouse.read_bytes()).hexdigest()
    return Diff(project, moves, as_of, screen.output, before == after)


def of(diff: Diff, dimension: str, value: str) -> list[Move]:
    return [move for move in diff.moves if (move.dimension, move.value_before) == (dimension, value)]


def test_a_renamed_category_moves_the_tasks_of_its_rule_and_no_money(diff: Diff, built: Built) -> None:
    (move,) = of(diff, "category", "Password reset")
    assert (move.value_after, move.rule_before, move.rule_after) == ("Credentials", "CAT-010", "CAT-010")
    found = built.connection.execute(
        "select count(*), sum(activity_points) from fct_service_tasks where category = 'Password reset'"
    ).fetchone()
    assert found == (move.task_count, move.points_before)
    assert move.points_after == move.points_before


def test_a_narrower_rule_leaves_its_tasks_to_the_rules_after_it(diff: Diff, built: Built) -> None:
    moves = of(diff, "environment", "Corporate")
    assert {move.rule_before for move in moves} == {"ENV-040"}
    raw = built.connection.execute(
        """
        select count(*)
        from fct_service_tasks as tasks
        inner join main_intermediate.int_msp_service_tasks_joined as joined on joined.task_id = tasks.task_id
        where tasks.environment_rule_id = 'ENV-040' and upper(joined.site_code) like '%-HQ'
            and not regexp_matches(coalesce(joined.short_description, ''),
                'head office|boardroom|finance team|legal team', 'i')
        """
    ).fetchone()
    assert raw is not None
    assert sum(move.task_count for move in moves) == raw[0] > 0


def test_a_changed_rate_revalues_each_task_by_its_own_day_after_overrides(diff: Diff, built: Built) -> None:
    tasks = built.connection.execute(
        """
        select activity_points, amount_gbp, override_id, completed_at >= '2026-01-01', tier
        from fct_service_tasks
        """
    ).fetchall()
    kinds = dict(built.connection.execute("select override_id, override_type from rpt_msp_override_audit").fetchall())
    before = after = Decimal(0)
    count = 0
    for points, amount, override, is_new, tier in tasks:
        if tier != "Complex" or not is_new or kinds.get(override) == "set_amount" or not points:
            continue
        count += 1
        before += amount
        after += (points * 5).quantize(Decimal("0.01"), ROUND_HALF_UP)
    (move,) = of(diff, "value", "Complex")
    assert (move.task_count, move.gbp_before, move.gbp_after) == (count, before, after)
    (whole,) = of(diff, "all tasks", "-")
    assert whole.gbp_after - whole.gbp_before == whole.gbp_change == after - before
    assert whole.task_count == len(tasks)


def test_nothing_is_written_to_the_warehouse_nor_left_beside_it(diff: Diff, built: Built) -> None:
    assert diff.is_warehouse_the_same
    assert not list(built.warehouse.parent.rglob("rules_diff.duckdb*"))


def test_the_moves_are_shown_with_the_moment_they_were_compared_at(diff: Diff, built: Built) -> None:
    assert "Credentials" in diff.screen
    assert "CAT-010" in diff.screen
    assert f"{built.as_of:%Y-%m-%dT%H:%M:%SZ}" in diff.screen


def test_without_a_run_there_is_nothing_to_compare_with(
    diff: Diff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_PROJECT_DIR", str(diff.project))
    monkeypatch.setenv("TIEOUT_DUCKDB_PATH", str(tmp_path / "none.duckdb"))
    result = CliRunner().invoke(app, ["rules", "diff"])
    assert result.exit_code == 2
    assert "nothing to compare with" in result.stderr
