"""What spreadsheets and hands do to a seed, one kind of damage a file: read as it was meant, refused or warned of."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_seed_checks import GOOD, SEEDS_DIR, described, write

from runner.seed_checks import inspect_seeds
from runner.seed_problems import SeedProblem

RATE = "Simple,0.5,4.20,2020-01-01,"
OVERRIDE = "OV-1,T-1,,,,set_points,2.5,Agreed,Ann,Bob,2026-05-01,MAIL-1"
ADJUSTMENT = "OV-1,,2026-05-01,Corporate,,adjust_amount,-150.00,Goodwill,Ann,Bob,2026-05-20,"
METHODS = "completion_method,tier\nPhone,Simple\n"


@pytest.fixture
def seeds_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name, rows in GOOD.items():
        write(folder, name, rows)
    return folder


# The file as it is found, and how it is read.
FILES_READ = {
    "a byte order mark": (b"\xef\xbb\xbf" + METHODS.encode(), METHODS),
    "Windows line ends": (METHODS.replace("\n", "\r\n").encode(), METHODS),
    "no line end at the end": (METHODS.strip().encode(), METHODS),
    "Windows-1252": ("completion_method,tier\nCafé visit,Simple\n".encode("cp1252"), "Café visit,Simple"),
    "UTF-16 with tabs, Excel's 'Unicode text'": (METHODS.replace(",", "\t").encode("utf-16"), "Phone,Simple"),
    "semicolons": (METHODS.replace(",", ";").encode(), "Phone,Simple"),
    "tabs": (METHODS.replace(",", "\t").encode(), "Phone,Simple"),
    "bars": (METHODS.replace(",", "|").encode(), "Phone,Simple"),
    "a line for Excel that names the separator": (
        b"sep=;\r\ncompletion_method;tier\r\nPhone;Simple\r\n",
        "Phone,Simple",
    ),
    "a comma in a cell among semicolons": (b"completion_method;tier\nPhone, mobile;Simple\n", '"Phone, mobile",Simple'),
    "empty rows at the end": (METHODS.encode() + b",\n,\n,\n", METHODS),
    "an empty row in the middle": (b"completion_method,tier\n,\nPhone,Simple\n", METHODS),
    "empty columns at the right": (b"completion_method,tier,,\nPhone,Simple,,\n", METHODS),
    "empty cells cut off at the end of a row": (b"tier_rates", "Simple,0.5,4.20,2020-01-01,"),
    "a header in capitals and spaces": (b" Completion_Method , TIER\nPhone,Simple\n", "Phone,Simple"),
    "columns in another order": (b"tier,completion_method\nSimple,Phone\n", "Simple,Phone"),
    "spaces that do not break": (b"completion_method,tier\nDesk\xc2\xa0visit,\xc2\xa0Simple\n", "Desk visit,Simple"),
    "a character of no width": ("completion_method,tier\nPhone\u200b,Simple\n".encode(), "Phone,Simple"),
}


@pytest.mark.parametrize("damage", FILES_READ)
def test_a_file_of_another_shape_is_read_as_it_was_meant(seeds_dir: Path, damage: str) -> None:
    content, expected = FILES_READ[damage]
    name = "completion_method_tiers"
    if content == b"tier_rates":
        name, content = (
            "tier_rates",
            b"tier,points_per_task,rate_gbp_per_point,valid_from,valid_to\nSimple,0.5,4.20,2020-01-01\n",
        )
    path = seeds_dir / f"{name}.csv"
    path.write_bytes(content)
    report = inspect_seeds(seeds_dir)
    assert report.of("refused") == []
    read = report.normalized.get(path, content.decode("utf-8-sig", errors="replace"))
    assert expected.strip() in read.replace("\r\n", "\n")
    assert path.read_bytes() == content, "the file of the user was written over"


# Seed, the row as it is found, the column, and the cell as it is read.
CELLS_READ = {
    "a day first, past the twelfth": ("tier_rates", "Simple,0.5,4.20,31/01/2020,", "valid_from", "2020-01-31"),
    "a month first, past the twelfth": ("tier_rates", "Simple,0.5,4.20,01/31/2020,", "valid_from", "2020-01-31"),
    "a day and a month that are the same": ("fx_rates", "EUR,01/01/2026,1.08", "month", "2026-01-01"),
    "a day with dots": ("tier_rates", "Simple,0.5,4.20,01.02.2020,", "valid_from", "2020-02-01"),
    "a day with slashes, year first": ("tier_rates", "Simple,0.5,4.20,2020/02/01,", "valid_from", "2020-02-01"),
    "a day without its zeros": ("tier_rates", "Simple,0.5,4.20,2020-2-1,", "valid_from", "2020-02-01"),
    "a day with midnight": ("tier_rates", "Simple,0.5,4.20,2020-02-01 00:00:00,", "valid_from", "2020-02-01"),
    "a day with the month's name": ("tier_rates", "Simple,0.5,4.20,1-Feb-2020,", "valid_from", "2020-02-01"),
    "a serial number": ("fx_rates", "EUR,46023,1.08", "month", "2026-01-01"),
    "a serial number of an approval": (
        "activity_point_overrides",
        OVERRIDE.replace("2026-05-01", "46143"),
        "approved_on",
        "2026-05-01",
    ),
    "a decimal comma": ("tier_rates", 'Simple,"0,5",4.20,2020-01-01,', "points_per_task", "0.5"),
    "a decimal comma after thousands": ("variance_thresholds", 'msp,info,0.01,"1.250,50"', "min_amount", "1250.50"),
    "thousands": ("variance_thresholds", 'msp,info,0.01,"1,250.50"', "min_amount", "1250.50"),
    "thousands with a space": ("variance_thresholds", "msp,info,0.01,1 250.50", "min_amount", "1250.50"),
    "thousands of minutes": ("sla_targets", 'P1,,resolution,"1,440",24x7,2000-01-01,', "target_minutes", "1440"),
    "a whole number with decimals": ("task_category_rules", "C1,10.0,password,Reset", "precedence", "10"),
    "brackets for a minus": (
        "activity_point_overrides",
        ADJUSTMENT.replace("-150.00", "(150.00)"),
        "override_value",
        "-150.00",
    ),
    "a minus behind": (
        "activity_point_overrides",
        ADJUSTMENT.replace("-150.00", "150.00-"),
        "override_value",
        "-150.00",
    ),
    "a minus of a typesetter": (
        "activity_point_overrides",
        ADJUSTMENT.replace("-150.00", "\u2212150.00"),
        "override_value",
        "-150.00",
    ),
    "a time without its zero": ("business_calendars", "24x7,UTC,1,9:00,24:00", "opens_at", "09:00"),
    "a time with seconds": ("business_calendars", "24x7,UTC,1,09:00:00,24:00", "opens_at", "09:00"),
    "a time of the afternoon": ("business_calendars", "24x7,UTC,1,09:00,5:30 PM", "closes_at", "17:30"),
    "a time as the fraction of a day": ("business_calendars", "24x7,UTC,1,0.375,24:00", "opens_at", "09:00"),
}


@pytest.mark.parametrize("damage", CELLS_READ)
def test_a_cell_with_one_reading_is_read_so_and_told(seeds_dir: Path, damage: str) -> None:
    name, row, column, expected = CELLS_READ[damage]
    write(seeds_dir, name, [row])
    report = inspect_seeds(seeds_dir)
    assert report.of("refused") == []
    (told,) = report.of("normalized")
    assert (told.file, told.row, told.column, told.remedy) == (f"seeds/{name}.csv", 2, column, f"read as {expected}")
    assert expected in report.normalized[seeds_dir / f"{name}.csv"]


# Seed, the rows as they are found, the row and column of what is refused, and a word of why.
REFUSED = {
    "a day or a month first": (
        "tier_rates",
        ["Simple,0.5,4.20,01/02/2020,"],
        2,
        "valid_from",
        "2020-01-02 or 2020-02-01",
    ),
    "a year of two digits": ("tier_rates", ["Simple,0.5,4.20,01-02-20,"], 2, "valid_from", "cannot be told apart"),
    "a month as Excel shows it": ("fx_rates", ["EUR,Jan-26,1.08"], 2, "month", "cannot be told apart"),
    "a day that is none": ("tier_rates", ["Simple,0.5,4.20,2026-02-30,"], 2, "valid_from", "no ISO date"),
    "a day with an hour": ("tier_rates", ["Simple,0.5,4.20,2020-02-01 13:00,"], 2, "valid_from", "no ISO date"),
    "a day of another century": ("tier_rates", ["Simple,0.5,4.20,0206-01-01,"], 2, "valid_from", "too far from today"),
    "a last day that is never": ("tier_rates", [f"{RATE}9999-12-31"], 2, "valid_to", "too far from today"),
    "digits cut off": ("variance_thresholds", ["msp,info,0.01,1E+05"], 2, "min_amount", "digits were cut off"),
    "digits cut off after a comma": ("variance_thresholds", ["msp,info,0.01,1.23E+05"], 2, "min_amount", "cut off"),
    "an id taken for a number": (
        "activity_point_overrides",
        [OVERRIDE.replace("T-1", "4E+05")],
        2,
        "task_id",
        "lost its",
    ),
    "an id taken for a day": ("task_category_rules", ["10-Mar,10,password,Reset"], 2, "rule_id", "taken for a day"),
    "an id without its zeros": (
        "activity_point_overrides",
        [OVERRIDE.replace("OV-1", "0012"), OVERRIDE.replace("OV-1", "13").replace("T-1", "T-2")],
        3,
        "override_id",
        "leading zeros",
    ),
    "a comma of either kind": ("variance_thresholds", ['msp,info,0.01,"1,250"'], 2, "min_amount", "1250 or 1.250"),
    "a currency sign": ("tier_rates", ["Simple,0.5,£4.20,2020-01-01,"], 2, "rate_gbp_per_point", "no plain number"),
    "a percent sign": ("variance_thresholds", ["msp,info,1%,50"], 2, "min_pct", "no plain number"),
    "a percentage for a fraction": ("variance_thresholds", ["msp,info,5,50"], 2, "min_pct", "too large"),
    "an error of a formula": ("fx_rates", ["EUR,2026-01-01,#N/A"], 2, "rate_to_reporting", "spreadsheet formula"),
    "a column too narrow": ("fx_rates", ["EUR,########,1.08"], 2, "month", "spreadsheet formula"),
    "letters of another encoding": ("calendar_holidays", ["24x7,2026-01-01,FÃªte"], 2, "name", "another encoding"),
    "a letter that is lost": ("calendar_holidays", ["24x7,2026-01-01,F\ufffdte"], 2, "name", "another encoding"),
    "an unknown tier": ("completion_method_tiers", ["Phone,Medium"], 2, "tier", "unknown value"),
    "a tier without a rate": ("completion_method_tiers", ["Phone,Complex"], 2, "tier", "without a rate"),
    "an unknown environment": ("environment_rules", ["E1,10,site_code,-HQ,Warehouse"], 2, "environment", "unknown"),
    "an unknown field": ("environment_rules", ["E1,10,site,-HQ,Corporate"], 2, "field", "unknown value"),
    "an unknown type of override": (
        "activity_point_overrides",
        [OVERRIDE.replace("set_points", "set_price")],
        2,
        "override_type",
        "unknown value",
    ),
    "an unknown calendar": ("calendar_holidays", ["24/7,2026-01-01,New Year"], 2, "calendar_id", "no calendar"),
    "a weekday that is none": (
        "business_calendars",
        ["24x7,UTC,1,00:00,24:00", "24x7,UTC,0,00:00,24:00"],
        3,
        "iso_weekday",
        "too small",
    ),
    "overlapping rates": (
        "tier_rates",
        ["Simple,0.5,4.20,2020-01-01,2026-02-01", "Simple,0.5,4.35,2026-01-01,"],
        3,
        "valid_from",
        "overlaps",
    ),
    "a rate without an end before the next": (
        "tier_rates",
        [RATE, "Simple,0.5,4.35,2026-01-01,"],
        3,
        "valid_from",
        "overlaps",
    ),
    "a gap between rates": (
        "tier_rates",
        ["Simple,0.5,4.20,2020-01-01,2025-12-31", "Simple,0.5,4.35,2026-01-01,"],
        3,
        "valid_from",
        "leaves a gap",
    ),
    "a validity turned round": ("tier_rates", [f"{RATE}2019-01-01"], 2, "", "not after valid_from"),
    "a negative rate": ("tier_rates", [RATE.replace("4.20", "-4.20")], 2, "rate_gbp_per_point", "too small"),
    "a rate out of all proportion": (
        "tier_rates",
        [RATE.replace("4.20", "42000")],
        2,
        "rate_gbp_per_point",
        "too large",
    ),
    "more decimals than are kept": (
        "tier_rates",
        [RATE.replace("4.20", "4.20001")],
        2,
        "rate_gbp_per_point",
        "decimals",
    ),
    "an exchange rate of nothing": ("fx_rates", ["EUR,2026-01-01,0"], 2, "rate_to_reporting", "too small"),
    "a month that is a day": ("fx_rates", ["EUR,2026-01-15,1.08"], 2, "month", "first of a month"),
    "an id twice": (
        "task_category_rules",
        ["C1,10,vpn,VPN", "c1,20,wifi,Wireless"],
        3,
        "rule_id",
        "the same as in row 2",
    ),
    "a method twice": ("completion_method_tiers", ["Phone,Simple", "PHONE,Simple"], 3, "completion_method", "the same"),
    "a pattern that does not close": ("task_category_rules", ["C1,10,(vpn,VPN"], 2, "pattern", "no valid regular"),
    "a pattern that looks ahead": ("task_category_rules", ["C1,10,vpn(?!ish),VPN"], 2, "pattern", "not every engine"),
    "a pattern that refers back": ("task_category_rules", [r"C1,10,(a)\1,Twice"], 2, "pattern", "not every engine"),
    "points out of all proportion": (
        "activity_point_overrides",
        [OVERRIDE.replace("2.5", "250000")],
        2,
        "",
        "too large",
    ),
    "no reason": ("activity_point_overrides", [OVERRIDE.replace("Agreed", "")], 2, "reason", "empty"),
    "a comma that is not quoted": (
        "completion_method_tiers",
        ["Phone, mobile,Simple"],
        2,
        "",
        "3 cells under 2 columns",
    ),
    "no weight at all": ("data_quality_weights", ["completeness,0"], 0, "weight", "no dimension"),
}


@pytest.mark.parametrize("damage", REFUSED)
def test_a_cell_that_may_mean_anything_is_refused_with_a_remedy(seeds_dir: Path, damage: str) -> None:
    name, rows, row, column, problem = REFUSED[damage]
    write(seeds_dir, name, rows)
    (found,) = inspect_seeds(seeds_dir).of("refused")
    assert (found.file, found.row, found.column) == (f"seeds/{name}.csv", row, column)
    assert problem in found.problem
    assert found.remedy


FILES_REFUSED = {
    "bytes of no encoding": (b"completion_method,tier\nCaf\x81\xe9,Simple\n", "neither UTF-8 nor Windows-1252"),
    "no text": (b"PK\x03\x04\x00\x00\x00\x00", "no text"),
    "an open quote": (b'completion_method,tier\n"Phone,Simple\n', "no CSV"),
    "a renamed column": (b"method,tier\nPhone,Simple\n", "header"),
    "a column more": (b"completion_method,tier,note\nPhone,Simple,x\n", "header"),
    "a cell under no column": (b"completion_method,tier,\nPhone,Simple,x\n", "3 cells under 2 columns"),
    "nothing at all": (b"", "header"),
    "rows gone": (b"completion_method,tier\n", "no rows"),
}


@pytest.mark.parametrize("damage", FILES_REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_a_remedy(seeds_dir: Path, damage: str) -> None:
    content, problem = FILES_REFUSED[damage]
    (seeds_dir / "completion_method_tiers.csv").write_bytes(content)
    (found,) = inspect_seeds(seeds_dir).of("refused")
    assert problem in found.problem
    assert found.remedy


# Seed, its rows, the row and column of the warning, and a word of it.
WARNED = {
    "an approval of one's own": (
        "activity_point_overrides",
        [OVERRIDE.replace("Bob", " ANN ")],
        2,
        "approved_by",
        "the requester",
    ),
    "half an approval": ("activity_point_overrides", [OVERRIDE.replace("2026-05-01", "")], 2, "approved_on", "pending"),
    "a task corrected twice on a day": (
        "activity_point_overrides",
        [OVERRIDE, OVERRIDE.replace("OV-1", "OV-2")],
        3,
        "task_id",
        "in row 2 too",
    ),
    "rules of one precedence": (
        "task_category_rules",
        ["C1,10,vpn,VPN", "C2,10,wifi,Wireless"],
        3,
        "precedence",
        "row 2",
    ),
    "an empty alternative": ("task_category_rules", ["C1,10,vpn|,VPN"], 2, "pattern", "every text"),
    "a tier that ends": ("tier_rates", ["Simple,0.5,4.20,2020-01-01,2026-01-01"], 2, "valid_to", "worth nothing"),
    "a decimal point gone astray": (
        "tier_rates",
        ["Simple,0.5,4.20,2020-01-01,2026-01-01", "Simple,0.5,435,2026-01-01,"],
        3,
        "rate_gbp_per_point",
        "10 times",
    ),
    "a month without an exchange rate": (
        "fx_rates",
        ["EUR,2026-01-01,1.1", "EUR,2026-03-01,1.1"],
        3,
        "month",
        "2 months",
    ),
    "an exchange rate upside down": (
        "fx_rates",
        ["JPY,2026-01-01,0.0065", "JPY,2026-02-01,153.8"],
        3,
        "rate_to_reporting",
        "10 times",
    ),
    "severities in the wrong order": (
        "variance_thresholds",
        ["msp,warning,0.05,500", "msp,critical,0.01,50"],
        3,
        "severity",
        "sooner than warning",
    ),
    "a month closed before it is over": ("period_closes", ["msp,2026-05-01,2026-05-29,Ann"], 2, "closed_on", "over"),
}


@pytest.mark.parametrize("damage", WARNED)
def test_what_is_hardly_meant_is_told_and_not_refused(seeds_dir: Path, damage: str) -> None:
    name, rows, row, column, problem = WARNED[damage]
    write(seeds_dir, name, rows)
    report = inspect_seeds(seeds_dir)
    assert report.of("refused") == []
    (found,) = report.of("warning")
    assert (found.file, found.row, found.column) == (f"seeds/{name}.csv", row, column)
    assert problem in found.problem
    assert found.remedy


def test_all_that_is_wrong_is_told_at_once_whatever_its_verdict(seeds_dir: Path) -> None:
    write(seeds_dir, "tier_rates", ["Simple,,1E+05,01/02/2020,", "Simple,0.5,4.35,31/01/2026,"])
    write(seeds_dir, "period_closes", ["msp,2026-05-01,2026-05-29,Ann"])
    report = inspect_seeds(seeds_dir)

    def where(found: SeedProblem) -> tuple[int, str]:
        return found.row, found.column

    assert {where(found) for found in report.of("refused")} == {
        (2, "points_per_task"),
        (2, "rate_gbp_per_point"),
        (2, "valid_from"),
    }
    assert [where(found) for found in report.of("normalized")] == [(3, "valid_from")]
    assert [where(found) for found in report.of("warning")] == [(2, "closed_on")]


def test_a_copy_is_normalized_and_the_file_itself_only_when_asked(seeds_dir: Path, tmp_path: Path) -> None:
    write(seeds_dir, "fx_rates", ["EUR,46023,1.08"])
    before = (seeds_dir / "fx_rates.csv").read_text(encoding="utf-8")
    report = inspect_seeds(seeds_dir)
    report.write_copy(tmp_path / "copy")
    assert "EUR,2026-01-01,1.08" in (tmp_path / "copy" / "fx_rates.csv").read_text(encoding="utf-8")
    assert inspect_seeds(tmp_path / "copy").findings == ()
    assert (seeds_dir / "fx_rates.csv").read_text(encoding="utf-8") == before
    report.rewrite()
    assert inspect_seeds(seeds_dir).findings == ()


def test_every_seed_is_described_so_that_its_damage_can_be_told() -> None:
    assert all(described(path.stem)["columns"] for path in SEEDS_DIR.rglob("*.csv"))
