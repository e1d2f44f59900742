"""The auditor's pack of an msp month: its figures worked out again from the pack alone, in Python, by its README."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from conftest import Built
from oracle.exact import ratio, rounded
from test_evidence import written

ZERO = Decimal(0)
TOLERANCE = Decimal("0.01")
Row = dict[str, str]


@pytest.fixture(scope="module")
def pack(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evidence")
    result = written(built, folder, "2026-05", "--domain", "msp")
    assert result.exit_code == 0, result.output
    (found,) = folder.iterdir()
    assert found.name == f"2026-05_msp_as_of_{built.as_of:%Y%m%dT%H%M%SZ}"
    return found


def table(pack: Path, name: str) -> list[Row]:
    """The rows of a CSV of the pack, each cell as it is written but for the apostrophe before a formula."""
    cells = pd.read_csv(pack / f"{name}.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    return [
        {str(column): re.sub(r"^'(?=[=+@-])", "", str(cell)) for column, cell in row.items()}
        for row in cells.to_dict("records")
    ]


def decided(rules: list[Row], texts: Row, result: str, otherwise: str) -> tuple[str, str]:
    """Step 2 of the pack's README: the first rule that finds its pattern."""
    for rule in sorted(rules, key=lambda rule: int(rule["precedence"])):
        text = texts[rule.get("field", "task_description").strip().lower()]
        if text and re.search(rule["pattern"], text, re.IGNORECASE):
            return rule[result], rule["rule_id"]
    return otherwise, ""


def test_each_task_is_worth_what_the_rules_in_the_pack_say(pack: Path) -> None:
    environments, categories = table(pack, "rules/environment_rules"), table(pack, "rules/task_category_rules")
    tiers = {row["completion_method"].lower(): row["tier"] for row in table(pack, "rules/completion_method_tiers")}
    rates = table(pack, "rules/tier_rates")
    tasks = table(pack, "data/tasks")
    for task in tasks:
        environment = decided(environments, task, "environment", "Unassigned")
        assert (task["environment"], task["environment_rule_id"]) == environment, task
        category = decided(categories, task, "category", "Unclassified")
        assert (task["category"], task["category_rule_id"]) == category, task
        tier = tiers.get(task["completion_method"].lower(), "Untiered")
        day = task["completed_at"][:10]
        (points, rate) = next(
            (
                (Decimal(row["points_per_task"]), Decimal(row["rate_gbp_per_point"]))
                for row in rates
                if row["tier"] == tier and row["valid_from"] <= day and (not row["valid_to"] or day < row["valid_to"])
            ),
            (ZERO, ZERO),
        )
        points *= max(int(task["quantity"]), 0)
        assert task["tier_before"] == tier, task
        assert Decimal(task["activity_points_before"]) == points, task
        assert Decimal(task["amount_gbp_before"]) == rounded(points * rate), task
    assert len(tasks) > 500
    assert {task["tier_before"] for task in tasks} >= {"Simple", "Moderate", "Complex"}


def test_overrides_lead_from_the_worth_of_a_task_to_what_is_owed(pack: Path) -> None:
    applied = {row["override_id"]: row for row in table(pack, "data/overrides") if row["override_status"] == "applied"}
    overridden = 0
    for task in table(pack, "data/tasks"):
        after = (Decimal(task["activity_points"]), Decimal(task["amount_gbp"]))
        if task["override_id"]:
            override = applied[task["override_id"]]
            assert override["effect_month"] == "2026-05-01"
            assert after == (Decimal(override["points_after"]), Decimal(override["amount_gbp_after"]))
            overridden += 1
        else:
            assert after == (Decimal(task["activity_points_before"]), Decimal(task["amount_gbp_before"]))
    assert overridden


def test_cost_and_variance_follow_from_tasks_adjustments_and_lines(pack: Path) -> None:
    cost: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    sides: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for task in table(pack, "data/tasks"):
        cost[(task["environment"], task["category"], task["tier"])] += Decimal(task["amount_gbp"])
        side = sides[(task["environment"], task["tier"])]
        side["calculated"] += Decimal(task["amount_gbp"])
        side["calculated_points"] += Decimal(task["activity_points"])
        sides[(task["environment"], task["tier_before"])]["without"] += Decimal(task["amount_gbp_before"])
    for row in table(pack, "data/overrides"):
        if row["override_type"] == "adjust_amount" and (row["override_status"], row["effect_month"]) == (
            "applied",
            "2026-05-01",
        ):
            cost[(row["environment"], "Adjustment", row["tier"] or "All")] += Decimal(row["effect_gbp"])
            sides[(row["environment"], row["tier"] or "All")]["calculated"] += Decimal(row["effect_gbp"])
    for line in table(pack, "data/invoice_lines"):
        side = sides[(line["environment"], line["tier"])]
        side["invoiced"] += Decimal(line["amount_gbp"])
        side["invoiced_points"] += Decimal(line["activity_points"])
    assert cost == {
        (row["environment"], row["category"], row["tier"]): Decimal(row["amount_gbp"])
        for row in table(pack, "data/cost")
    }
    limits = sorted(
        (row for row in table(pack, "rules/variance_thresholds") if row["domain"] == "msp"),
        key=lambda row: Decimal(row["min_amount"]),
    )
    stated = {(row["environment"], row["tier"]): row for row in table(pack, "data/invoice_variance")}
    causes = set()
    for key, side in sides.items():
        if not {"calculated", "invoiced"} & side.keys():
            continue
        row, variance = stated.pop(key), side["invoiced"] - side["calculated"]
        assert (Decimal(row["calculated_gbp"]), Decimal(row["invoiced_gbp"])) == (side["calculated"], side["invoiced"])
        share = ratio(variance, side["calculated"])
        assert row["variance_pct"] == ("" if share is None else str(share)), key
        assert row["cause"] == _cause(side, variance), key
        reached = [
            limit["severity"]
            for limit in limits
            if abs(variance) >= Decimal(limit["min_amount"])
            and (side["calculated"] == 0 or abs(variance) >= Decimal(limit["min_pct"]) * abs(side["calculated"]))
        ]
        assert row["severity"] == (reached[-1] if reached and row["cause"] != "matched" else ""), key
        causes.add(row["cause"])
    assert stated == {}
    assert len(causes) > 2


def _cause(side: dict[str, Decimal], variance: Decimal) -> str:
    if abs(variance) <= TOLERANCE * abs(side.get("calculated", ZERO)):
        return "matched"
    if "invoiced" not in side:
        return "not_invoiced"
    if "calculated" not in side:
        return "not_calculated"
    if side["invoiced"] == side["without"]:
        return "override_not_billed"
    return "rate_difference" if side["invoiced_points"] == side["calculated_points"] else "volume_difference"


def test_control_totals_lead_from_tasks_and_lines_to_the_variance(pack: Path) -> None:
    totals = {
        (row["chain"], int(row["step_number"])): (
            int(row["row_count"]),
            Decimal(row["activity_points"]),
            Decimal(row["amount_gbp"]),
        )
        for row in table(pack, "data/control_totals")
    }
    for chain, steps, result, repeated in (("calculated", (1, 2, 3), 4, 5), ("invoiced", (1, 2), 3, 4)):
        parts = [totals[(chain, step)] for step in steps if (chain, step) in totals]
        assert totals[(chain, result)] == tuple(sum(column) for column in zip(*parts, strict=True))
        assert totals[(chain, repeated)][1:] == totals[(chain, result)][1:]
    tasks = table(pack, "data/tasks")
    assert totals[("calculated", 1)][0] == len(tasks)
    assert totals[("calculated", 4)][2] == sum(Decimal(row["amount_gbp"]) for row in table(pack, "data/cost"))
    sources = {row["table_name"]: row for row in table(pack, "data/source_rows")}
    assert set(sources) == {
        "service_tickets",
        "service_tasks",
        "hardware_assets",
        "software_requests",
        "msp_invoice_lines",
    }
    assert int(sources["service_tasks"]["source_rows"]) >= int(sources["service_tasks"]["checked_rows"]) > len(tasks)


def test_the_pack_tells_the_rules_in_force_and_how_to_work_it_out(pack: Path) -> None:
    facts = json.loads((pack / "pack.json").read_text(encoding="utf-8"))
    assert (facts["domain"], facts["month"], facts["tests_failed"]) == ("msp", "2026-05", 0)
    assert {"tier_rates", "environment_rules", "activity_point_overrides"} <= {seed["name"] for seed in facts["seeds"]}
    assert "rpt_msp_invoice_variance.sql" in {path.name for path in (pack / "sql").iterdir()}
    readme = (pack / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("# Activity points and the provider's invoices, 2026-05\n")
    assert "Amounts are in GBP" in readme
    assert f"as of {date(2026, 6, 30)}T23:59:59Z" in readme
