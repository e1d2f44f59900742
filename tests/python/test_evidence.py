"""The auditor's pack: every figure in it worked out again from the pack alone, in pandas, and nothing from the SQL."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import Built
from oracle.exact import ratio, rounded
from typer.testing import CliRunner, Result

from runner import evidence
from runner.cli import app

ZERO = Decimal(0)
MONTH = date(2026, 4, 1)
TOLERANCE = Decimal("0.01")
Key = tuple[str, date, str]


def written(built: Built, folder: Path, month: str = "2026-04", *options: str) -> Result:
    environment = {"TIEOUT_DUCKDB_PATH": str(built.warehouse), "TIEOUT_EVIDENCE_DIR": str(folder), "COLUMNS": "300"}
    with built.to_itself:
        return CliRunner().invoke(app, ["evidence", month, *options], env=environment)


@pytest.fixture(scope="module")
def pack(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evidence")
    result = written(built, folder)
    assert result.exit_code == 0, result.output
    (found,) = folder.iterdir()
    assert found.name == f"2026-04_as_of_{built.as_of:%Y%m%dT%H%M%SZ}"
    return found


def table(pack: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a CSV of the pack: money and dates as such, empty cells None."""
    cells = pd.read_csv(pack / f"{name}.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    return [
        {str(column): _typed(str(column), cell) for column, cell in row.items()} for row in cells.to_dict("records")
    ]


def _typed(column: str, cell: str) -> Any:
    if cell == "":
        return None
    if "amount" in column or column in ("contract_value", "variance_pct", "rate_to_reporting", "min_pct"):
        return Decimal(cell)
    if column.endswith(("_balance", "_to_date")):
        return Decimal(cell)
    if column.endswith(("_month", "_on", "_date")) or column == "month":
        return date.fromisoformat(cell)
    return int(cell) if column.endswith("_count") or column in ("is_won", "is_seen", "duration_months") else cell


def later(month: date, count: int) -> date:
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


WINDOW = [later(MONTH, step) for step in (-1, 0, 1)]


def booked_again(pack: Path, as_of: date) -> dict[Key, Decimal]:
    """Step 2 of the pack's README."""
    booked: dict[Key, Decimal] = {}
    for deal in table(pack, "data/deals"):
        begins = deal["start_date"] or deal["booked_on"]
        if deal["is_won"] != 1 or begins is None or (deal["booked_on"] and deal["booked_on"] > as_of):
            continue
        value, months = deal["contract_value"], 1
        if deal["revenue_category"] == "recurring":
            months = deal["duration_months"] or 0
        each = ratio(value, months, 2) if months > 0 else None
        if each is None:
            continue
        amounts = [each] * (months - 1) + [value - each * (months - 1)]
        cancelled = deal["cancelled_on"]
        for number, amount in enumerate(amounts):
            month = later(begins.replace(day=1), number)
            if cancelled and cancelled <= as_of and month > cancelled.replace(day=1):
                break
            if month in WINDOW:
                booked[(deal["deal_key"], month, deal["revenue_category"])] = amount
    return booked


class Rates:
    def __init__(self, pack: Path) -> None:
        self.rates = {
            (row["currency_code"], row["month"]): row["rate_to_reporting"] for row in table(pack, "rules/fx_rates")
        }

    def converted(self, amount: Decimal, currency: str, into: str, month: date) -> Decimal | None:
        if currency == into:
            return amount
        rates = [Decimal(1) if code == "USD" else self.rates.get((code, month)) for code in (currency, into)]
        if rates[0] is None or rates[1] is None:
            return None
        return rounded(Fraction(amount) * Fraction(rates[0]) / Fraction(rates[1]))


def test_the_schedule_follows_from_the_terms_of_the_deals(pack: Path, built: Built) -> None:
    schedule = {
        (row["deal_key"], row["revenue_month"], row["revenue_category"]): row["booked_amount"]
        for row in table(pack, "data/schedule")
    }
    assert booked_again(pack, built.as_of.date()) == schedule
    assert len(schedule) > 500


def test_variances_and_causes_follow_from_deals_and_entries(pack: Path, built: Built) -> None:
    rates = Rates(pack)
    booked = booked_again(pack, built.as_of.date())
    rows: dict[Key, dict[str, Any]] = defaultdict(
        lambda: {"recognized": ZERO, "reposted": False, "foreign": False, "scheduled": False, "booked": ZERO}
    )
    for key, amount in booked.items():
        rows[key] |= {"booked": amount, "scheduled": True}
    postings: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    entries = [entry for entry in table(pack, "data/entries") if entry["is_seen"] == 1]
    same = ("deal_key", "revenue_month", "revenue_type", "entry_type", "recognized_amount", "posted_at")
    for entry in entries:
        postings[tuple(entry[column] for column in same)].append(entry["entry_key"])
    for entry in entries:
        row = rows[(entry["deal_key"], entry["revenue_month"], entry["revenue_category"])]
        if entry["entry_key"] != min(postings[tuple(entry[column] for column in same)]):
            row["reposted"] = True
            continue
        into = entry["deal_currency_code"] or entry["currency_code"]
        row["foreign"] = row["foreign"] or entry["currency_code"] != into
        counted = rates.converted(entry["recognized_amount"], entry["currency_code"], into, entry["revenue_month"])
        row["recognized"] += counted or ZERO
    won = {deal["deal_key"] for deal in table(pack, "data/deals") if deal["is_won"] == 1}
    found = {
        (row["deal_key"], row["revenue_month"], row["revenue_category"]): row for row in table(pack, "data/variance")
    }
    assert rows.keys() == found.keys()
    for key, row in rows.items():
        stated = found[key]
        variance = row["recognized"] - row["booked"]
        assert (stated["booked_amount"], stated["recognized_amount"]) == (row["booked"], row["recognized"]), key
        assert (stated["variance_amount"], stated["variance_pct"]) == (variance, ratio(variance, row["booked"])), key
        # What the neighbours decide is known of the middle month alone.
        if key[1] == MONTH:
            assert stated["cause"] == _cause(key, rows, won), key
    exceptions = {row["deal_key"] for row in table(pack, "data/exceptions")}
    assert exceptions == {key[0] for key, row in found.items() if row["cause"] != "matched" and key[1] == MONTH}
    assert exceptions


def _cause(key: Key, rows: dict[Key, dict[str, Any]], won: set[str]) -> str:
    row = rows[key]
    variance = row["recognized"] - row["booked"]
    if row["reposted"]:
        return "duplicate_entry"
    if row["foreign"]:
        return "currency_mismatch"
    if abs(variance) <= TOLERANCE * abs(row["booked"]):
        return "matched"
    for other in ("recurring", "one_time", "unclassified"):
        there = rows.get((key[0], key[1], other)) if other != key[2] else None
        if there is not None and there["recognized"] - there["booked"] == -variance:
            return "type_mismatch"
    for step in (-1, 1):
        beside = rows.get((key[0], later(key[1], step), key[2]))
        if beside is None or (beside["recognized"] - beside["booked"]) * variance >= 0:
            continue
        together = abs(variance + beside["recognized"] - beside["booked"])
        if together <= TOLERANCE * max(abs(row["booked"]), abs(beside["booked"])):
            return "timing_shift"
    if row["booked"] != 0 and row["recognized"] == 0:
        return "missing_recognition"
    if key[0] not in won:
        return "unbooked_recognition"
    return "amount_mismatch" if row["scheduled"] else "recognized_outside_term"


def test_the_reconciliation_and_severities_follow_from_the_variances(pack: Path) -> None:
    rates = Rates(pack)
    limits = [row for row in table(pack, "rules/variance_thresholds") if row["domain"] == "revenue"]
    sums: dict[tuple[str, str], list[Any]] = defaultdict(lambda: [0, ZERO, ZERO, 0])
    for row in table(pack, "data/variance"):
        if row["revenue_month"] != MONTH:
            continue
        here, cell = row["currency_code"], sums[(row["revenue_category"], row["customer_segment"])]
        amounts = [rates.converted(row[f"{side}_amount"], here, "USD", MONTH) for side in ("booked", "recognized")]
        cell[0] += 1
        cell[1] += amounts[0] or ZERO
        cell[2] += amounts[1] or ZERO
        cell[3] += row["cause"] == "matched"
        size = rates.converted(abs(row["variance_amount"]), here, "USD", MONTH)
        reached = [
            limit["severity"]
            for limit in sorted(limits, key=lambda limit: limit["min_amount"])
            if size is not None
            and size >= limit["min_amount"]
            and (
                row["booked_amount"] == 0 or abs(row["variance_amount"]) >= limit["min_pct"] * abs(row["booked_amount"])
            )
        ]
        assert row["severity"] == (reached[-1] if reached and row["cause"] != "matched" else None), row
    stated = {
        (row["revenue_category"], row["customer_segment"]): [
            row["deal_count"],
            row["booked_amount"],
            row["recognized_amount"],
            int(row["matched_deals"]),
        ]
        for row in table(pack, "data/reconciliation")
    }
    assert stated == dict(sums)


def test_control_totals_lead_from_the_source_to_the_reconciliation(pack: Path) -> None:
    rows = [row for row in table(pack, "data/control_totals") if row["period"] == "2026-04"]
    assert {row["chain"] for row in rows} == {"deals", "schedule", "ledger"}
    carried: dict[str, tuple[int, Decimal]] = {}
    for row in sorted(rows, key=lambda row: (row["chain"], int(row["step_number"]))):
        count, amount = row["row_count"], row["amount"]
        if row["step_kind"] == "less":
            before = carried[row["chain"]]
            carried[row["chain"]] = (before[0] - count, before[1] - amount)
            continue
        if row["step_kind"] == "total" and row["chain"] in carried:
            assert carried[row["chain"]] == (count, amount), row
        carried[row["chain"]] = (count, amount)
    reconciliation = table(pack, "data/reconciliation")
    assert carried["ledger"][1] == sum(row["recognized_amount"] for row in reconciliation)
    assert carried["schedule"][1] == sum(row["booked_amount"] for row in reconciliation)


def test_booked_less_recognized_less_deferred_is_zero_in_every_cell(pack: Path) -> None:
    cells = table(pack, "data/deferred_waterfall")
    for cell in cells:
        assert cell["booked_amount"] - cell["recognized_amount"] - cell["deferred_amount"] == 0
        assert cell["booked_to_date"] - cell["recognized_to_date"] - cell["deferred_balance"] == 0
        assert cell["opening_balance"] + cell["deferred_amount"] == cell["deferred_balance"]
    assert max(cell["revenue_month"] for cell in cells) == MONTH


def test_fingerprints_and_facts_are_those_of_the_files(pack: Path, built: Built) -> None:
    lines = [line.split("  ") for line in (pack / evidence.SUMS).read_text(encoding="utf-8").splitlines()]
    on_disk = {path.relative_to(pack).as_posix() for path in pack.rglob("*") if path.is_file()}
    assert {name for _, name in lines} == on_disk - {evidence.SUMS}
    for sha256, name in lines:
        assert hashlib.sha256((pack / name).read_bytes()).hexdigest() == sha256, name
    facts = json.loads((pack / evidence.FACTS).read_text(encoding="utf-8"))
    assert facts["as_of"] == f"{built.as_of:%Y-%m-%dT%H:%M:%SZ}"
    for seed in facts["seeds"]:
        path = Path(__file__).resolve().parents[2] / seed["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == seed["sha256"]
    with (pack / "test_results.csv").open(encoding="utf-8") as file:
        tests = list(csv.DictReader(file))
    assert {test["status"] for test in tests} == {"pass"}
    assert "assert_nothing_is_lost_or_added_between_a_source_and_the_reconciliation" in {test["test"] for test in tests}
    assert (facts["tests_passed"], facts["tests_failed"]) == (len(tests), 0)
    assert {"fct_revenue_variance.sql", "int_revenue_schedule.sql"} <= {path.name for path in (pack / "sql").iterdir()}


def test_a_pack_that_fails_half_way_leaves_the_good_one(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = tmp_path / "packs"
    assert written(built, packs).exit_code == 0
    (folder,) = packs.glob("*_as_of_*")
    before = (folder / evidence.SUMS).read_bytes()

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(evidence, "_readme", full)
        result = written(built, packs)
    assert result.exit_code == 2
    assert [path.name for path in packs.iterdir()] == [folder.name]
    assert (folder / evidence.SUMS).read_bytes() == before
    # Killed between the two renames: the older pack is found again.
    folder.rename(folder.with_name(f".{folder.name}.old"))
    with monkeypatch.context() as patch:
        patch.setattr(evidence, "_readme", full)
        assert written(built, packs).exit_code == 2
    assert [path.name for path in packs.iterdir()] == [folder.name]
    assert written(built, packs).exit_code == 0
    assert [path.name for path in packs.iterdir()] == [folder.name]


@pytest.mark.parametrize(
    ("month", "sentence"),
    [
        ("April", "MONTH is 'April', which is no month: write it like 2026-04."),
        ("2026-07", "before 2026-07 began: run again with a later --as-of."),
    ],
)
def test_what_cannot_be_evidenced_is_refused_in_a_sentence(
    built: Built, tmp_path: Path, month: str, sentence: str
) -> None:
    result = written(built, tmp_path / "packs", month)
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())
    assert not (tmp_path / "packs").exists()
