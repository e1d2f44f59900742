"""Every kind of bad cell is found, with its file, row, column and remedy, and all of them at once."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from runner.seed_checks import check_seeds
from runner.seed_problems import SeedCheckError, SeedProblem
from runner.seed_rows import SEEDS

SEEDS_DIR = Path(__file__).resolve().parent.parent.parent / "seeds"
OVERRIDE = "OV-1,T-1,,,,set_points,2.5,Agreed,Ann,Bob,2026-05-01,MAIL-1"

GOOD = {
    "tier_rates": ["Simple,0.5,4.20,2020-01-01,2026-01-01", "Simple,0.5,4.35,2026-01-01,"],
    "completion_method_tiers": ["Phone,Simple"],
    "environment_rules": ["E1,10,cost_centre,^CC[0-9],Contact Center"],
    "task_category_rules": ["C1,10,password|pwd,Password reset"],
    "activity_point_overrides": [OVERRIDE],
    "revenue_types": ["Subscription,recurring"],
    "fx_rates": ["EUR,2026-01-01,1.08"],
    "variance_thresholds": ["msp,info,0.01,50.00"],
    "sla_targets": ["P1,,resolution,1440,24x7,2000-01-01,"],
    "business_calendars": ["24x7,UTC,1,00:00,24:00"],
    "calendar_holidays": ["24x7,2026-01-01,New Year"],
    "alert_routes": ["msp,,critical,file,4,file"],
    "source_freshness": ["deals,336,warning"],
    "period_closes": ["msp,2026-05-01,2026-06-03,Ann"],
    "data_quality_weights": ["completeness,0.25"],
}


def write(folder: Path, name: str, rows: list[str]) -> None:
    header = ",".join(column["name"] for column in described(name)["columns"])
    (folder / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def described(name: str) -> dict[str, list[dict[str, str]]]:
    (path,) = SEEDS_DIR.rglob(f"{name}.yml")
    (seed,) = yaml.safe_load(path.read_text(encoding="utf-8"))["seeds"]
    assert isinstance(seed, dict)
    return seed


@pytest.fixture
def seeds_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name, rows in GOOD.items():
        write(folder, name, rows)
    return folder


def only(problems: list[SeedProblem]) -> SeedProblem:
    assert len(problems) == 1, problems
    return problems[0]


def test_the_seeds_as_shipped_are_well() -> None:
    assert check_seeds(SEEDS_DIR) == []


@pytest.mark.parametrize("name", SEEDS)
def test_what_is_checked_is_what_is_described_and_shipped(name: str) -> None:
    (path,) = SEEDS_DIR.rglob(f"{name}.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    assert header == [column["name"] for column in described(name)["columns"]]
    assert sorted(header) == sorted(SEEDS[name].model_fields)


def test_good_rows_pass(seeds_dir: Path) -> None:
    assert check_seeds(seeds_dir) == []


def test_stray_spaces_and_case_pass(seeds_dir: Path) -> None:
    write(seeds_dir, "tier_rates", [" simple ,0.5, 4.20 ,2020-01-01,"])
    write(seeds_dir, "sla_targets", ["p1, ,Resolution,1440,24X7,2000-01-01,"])
    assert check_seeds(seeds_dir) == []


@pytest.mark.parametrize("name", [name for name, model in SEEDS.items() if model.MAY_BE_EMPTY])
def test_a_seed_that_may_be_empty_may_hold_its_header_only(seeds_dir: Path, name: str) -> None:
    write(seeds_dir, name, [])
    assert check_seeds(seeds_dir) == []


@pytest.mark.parametrize("name", [name for name, model in SEEDS.items() if not model.MAY_BE_EMPTY])
def test_a_seed_that_must_not_be_empty_is_refused_when_it_is(seeds_dir: Path, name: str) -> None:
    write(seeds_dir, name, [])
    assert (f"seeds/{name}.csv", "the file has no rows") in [
        (found.file, found.problem) for found in check_seeds(seeds_dir)
    ]


@pytest.mark.parametrize(
    ("name", "row", "column", "problem"),
    [
        ("tier_rates", "Simple,0.5,4.20,01/02/2026,", "valid_from", "no ISO date"),
        ("tier_rates", "Simple,0.5,4.20,2026-02-30,", "valid_from", "no ISO date"),
        ("tier_rates", "Simple,0.5,4.20,,", "valid_from", "empty"),
        ("tier_rates", "Simple,0.5,4.20,2026-01-01,2025-01-01", "", "valid_to is not after valid_from"),
        ("tier_rates", "Hard,0.5,4.20,2026-01-01,", "tier", "unknown value"),
        ("tier_rates", 'Simple,"1,500",4.20,2026-01-01,', "points_per_task", "no plain number"),
        ("tier_rates", "Simple,0.5,£4.20,2026-01-01,", "rate_gbp_per_point", "no plain number"),
        ("tier_rates", "Simple,0.5,4.20001,2026-01-01,", "rate_gbp_per_point", "more than 4 decimals"),
        ("tier_rates", "Simple,-0.5,4.20,2026-01-01,", "points_per_task", "too small"),
        ("completion_method_tiers", "Phone,Medium", "tier", "unknown value"),
        ("environment_rules", "E1,10,site,^CC,Corporate", "field", "unknown value"),
        ("environment_rules", "E1,10,cost_centre,(CC,Corporate", "pattern", "no valid regular expression"),
        ("environment_rules", "E1,10,cost_centre,^CC,Warehouse", "environment", "unknown value"),
        ("environment_rules", "E1,first,cost_centre,^CC,Corporate", "precedence", "no whole number"),
        ("task_category_rules", "C1,10,[a-,Password reset", "pattern", "no valid regular expression"),
        ("activity_point_overrides", OVERRIDE.replace("set_points", "set_price"), "override_type", "unknown value"),
        ("activity_point_overrides", OVERRIDE.replace("T-1", ""), "", "set_points without task_id"),
        ("activity_point_overrides", OVERRIDE.replace("2.5", ""), "", "set_points without override_value"),
        ("activity_point_overrides", OVERRIDE.replace("2.5", "lots"), "", "no plain number"),
        ("activity_point_overrides", OVERRIDE.replace("Ann", ""), "requested_by", "empty"),
        ("activity_point_overrides", "OV-1,T-1,,,,set_tier,Hard,x,Ann,,,", "", "unknown value"),
        ("activity_point_overrides", "OV-1,,,,,adjust_amount,5,x,Ann,,,", "", "adjust_amount without billing_month"),
        (
            "activity_point_overrides",
            "OV-1,,2026-05-02,Corporate,,adjust_amount,5,x,Ann,,,",
            "billing_month",
            "not the first of a month",
        ),
        ("revenue_types", "Subscription,monthly", "revenue_category", "unknown value"),
        ("revenue_types", "Subscription Revenue,recurring", "revenue_type", "ends in ' Revenue'"),
        ("fx_rates", "EURO,2026-01-01,1.08", "currency_code", "no currency code"),
        ("fx_rates", "EUR,2026-01-15,1.08", "month", "not the first of a month"),
        ("fx_rates", "EUR,2026-01-01,0", "rate_to_reporting", "too small"),
        ("variance_thresholds", "support,info,0.01,50", "domain", "unknown value"),
        ("variance_thresholds", "msp,severe,0.01,50", "severity", "unknown value"),
        ("variance_thresholds", "msp,info,1%,50", "min_pct", "no plain number"),
        ("sla_targets", "P1,,reply,1440,24x7,2000-01-01,", "metric", "unknown value"),
        ("sla_targets", "P1,,resolution,0,24x7,2000-01-01,", "target_minutes", "too small"),
        ("sla_targets", "P1,,resolution,24h,24x7,2000-01-01,", "target_minutes", "no whole number"),
        ("sla_targets", "P1,,resolution,1440,24/7,2000-01-01,", "calendar_id", "no calendar of this name"),
        ("business_calendars", "24x7,Europe/Londn,1,00:00,24:00", "iana_timezone", "unknown time zone"),
        ("business_calendars", "24x7,UTC,8,00:00,24:00", "iso_weekday", "too large"),
        ("business_calendars", "24x7,UTC,1,9h,24:00", "opens_at", "no time of day"),
        ("business_calendars", "24x7,UTC,1,09:00,24:30", "closes_at", "no time of day"),
        ("business_calendars", "24x7,UTC,1,17:00,09:00", "", "closes_at is not after opens_at"),
        ("calendar_holidays", "office,2026-01-01,New Year", "calendar_id", "no calendar of this name"),
        ("alert_routes", "sales,,critical,file,4,file", "domain", "unknown value"),
        ("alert_routes", "msp,,critical,file,4,", "", "escalate_after_hours without escalate_to"),
        ("period_closes", "msp,2026-05-31,2026-06-03,Ann", "period", "not the first of a month"),
        ("data_quality_weights", "tidiness,0.25", "dimension", "unknown value"),
    ],
)
def test_a_bad_cell_is_found(seeds_dir: Path, name: str, row: str, column: str, problem: str) -> None:
    write(seeds_dir, name, [row])
    found = [found for found in check_seeds(seeds_dir) if found.file == f"seeds/{name}.csv"]
    assert len(found) == 1, found
    assert (found[0].row, found[0].column) == (2, column)
    assert problem in found[0].problem
    assert found[0].remedy


@pytest.mark.parametrize(
    ("name", "rows", "column", "problem"),
    [
        ("completion_method_tiers", ["Phone,Simple", "phone ,Simple"], "completion_method", "the same as in row 2"),
        ("fx_rates", ["EUR,2026-01-01,1.1", "eur,2026-01-01,1.2"], "currency_code, month", "the same as in row 2"),
        (
            "tier_rates",
            ["Simple,0.5,4.20,2020-01-01,2026-02-01", "Simple,0.5,4.35,2026-01-01,"],
            "valid_from",
            "overlaps",
        ),
        (
            "tier_rates",
            ["Simple,0.5,4.20,2020-01-01,2025-12-31", "Simple,0.5,4.35,2026-01-01,"],
            "valid_from",
            "leaves a gap",
        ),
        (
            "sla_targets",
            ["P1,,resolution,60,24x7,2000-01-01,", "p1,,resolution,90,24x7,2026-01-01,"],
            "valid_from",
            "overlaps",
        ),
        (
            "business_calendars",
            ["24x7,UTC,1,09:00,12:00", "24x7,UTC,1,11:00,17:00"],
            "opens_at",
            "overlaps",
        ),
        (
            "business_calendars",
            ["24x7,UTC,1,09:00,12:00", "24x7,Europe/London,2,09:00,17:00"],
            "iana_timezone",
            "not the zone",
        ),
    ],
)
def test_rows_that_contradict_each_other_are_found(
    seeds_dir: Path, name: str, rows: list[str], column: str, problem: str
) -> None:
    write(seeds_dir, name, rows)
    found = only(check_seeds(seeds_dir))
    assert (found.row, found.column) == (3, column)
    assert problem in found.problem


def test_a_missing_seed_is_found(seeds_dir: Path) -> None:
    (seeds_dir / "fx_rates.csv").unlink()
    assert only(check_seeds(seeds_dir)).problem == "the file is missing"


def test_a_bom_from_excel_passes(seeds_dir: Path) -> None:
    path = seeds_dir / "completion_method_tiers.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert check_seeds(seeds_dir) == []


@pytest.mark.parametrize("header", ["completion_method:tier", "method,tier", "completion_method", ""])
def test_a_header_that_is_not_as_described_is_found(seeds_dir: Path, header: str) -> None:
    (seeds_dir / "completion_method_tiers.csv").write_text(header + "\n", encoding="utf-8")
    found = only(check_seeds(seeds_dir))
    assert (found.row, found.problem) == (1, "the header is not as described")
    assert "completion_method,tier" in found.remedy


def test_a_row_with_a_cell_too_many_is_found(seeds_dir: Path) -> None:
    write(seeds_dir, "completion_method_tiers", ["Phone, mobile,Simple"])
    assert "3 cells under 2 columns" in only(check_seeds(seeds_dir)).problem


def test_all_problems_are_told_at_once(seeds_dir: Path) -> None:
    write(seeds_dir, "fx_rates", ["EURO,2026-01-15,0"])
    write(seeds_dir, "period_closes", ["msp,2026-05-31,,"])
    problems = check_seeds(seeds_dir)
    assert len(problems) == 6
    assert "6 problems in all" in str(SeedCheckError(problems))
