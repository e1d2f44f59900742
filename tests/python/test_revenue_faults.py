"""The faults of the common hand-written reconciliation, each tried on a company made to fall for it.

The same company, edited after its books were closed, shows what a closed month does with that.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import chdir
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import scenario
from project_copy import shared_copy
from typer.testing import CliRunner

from runner.cli import app

Rows = list[tuple[Any, ...]]
Ask = Callable[[str], Rows]

REVENUE = ("--select", "tag:revenue", "tag:common", "--indirect-selection", "cautious")
HISTORY = ("--select", "+deals_history", "+revenue_entries_history")

AT_CLOSING = datetime(2026, 5, 6, 12, 0, 0)
LATER = datetime(2026, 6, 15, 12, 0, 0)

DEALS = """
deal_id | revenue_type   | contract_value | currency_code | duration_months | booked_on  | deal_status
YEAR    | Subscription   | 1200.00        | USD           | 12              | 2026-01-31 | won
MANY    | Support        | 300.00         | USD           | 3               | 2026-02-01 | won
SHARE   | Support        | 400.00         | USD           | 4               | 2026-01-01 | won
PENNY   | Subscription   | 100.00         | USD           | 7               | 2026-01-01 | won
ONCE    | Implementation | 5000.00        | USD           |                 | 2026-02-14 | won
MAYBE   | Subscription   | 900.00         | USD           | 3               | 2026-02-01 | pending
NO-RATE | Setup          | 70.00          | XAU           |                 | 2026-04-01 | won
EDITED  | Support        | 600.00         | USD           | 6               | 2026-01-01 | won
"""

# SHARE: 99.10 of 100.00, 98.00 of 100.00, nothing of 100.00, 300.00 of 100.00.
ENTRIES = """
entry_id | deal_id | recognition_period | revenue_type   | recognized_amount | currency_code | posted_at
M-1      | MANY    | 2026-02-01         | Support        | 40.00             | USD           | 2026-02-27 00:00:00
M-2      | MANY    | 2026-02-01         | Support        | 35.00             | USD           | 2026-02-27 00:00:00
M-3      | MANY    | 2026-02-01         | Support        | 25.00             | USD           | 2026-02-28 00:00:00
S-1      | SHARE   | 2026-01-01         | Support        | 99.10             | USD           | 2026-01-31 00:00:00
S-2      | SHARE   | 2026-02-01         | Support        | 98.00             | USD           | 2026-02-28 00:00:00
S-4      | SHARE   | 2026-04-01         | Support        | 300.00            | USD           | 2026-04-30 00:00:00
O-1      | ONCE    | 2026-02-01         | Implementation | 5000.00           | USD           | 2026-02-28 00:00:00
P-1      | MAYBE   | 2026-02-01         | Subscription   | 300.00            | USD           | 2026-02-28 00:00:00
N-1      | NO-RATE | 2026-04-01         | Setup          | 70.00             | XAU           | 2026-04-30 00:00:00
E-1      | EDITED  | 2026-04-01         | Support        | 100.00            | USD           | 2026-04-30 00:00:00
E-2      | EDITED  | 2026-04-01         | Support        | 1.00              | USD           | 2026-04-30 00:00:00
"""

# Dated back to before the closing, though it came in after it.
BACK_DATED = "E-3 | EDITED | 2026-04-01 | Support | 7.00 | USD | 2026-04-30 00:00:00\n"

NOT_WON = (
    "Recognized 300.00 in 2026-02 on a deal that is not won: check the status of the deal, or reverse the entries."
)

CLOSED = "domain,period,closed_on,closed_by\nrevenue,2026-04-01,2026-05-05,Ann\n"


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The company when April was closed, after its rows were edited, looked at a second time, and the rows put back."""
    folder = tmp_path_factory.mktemp("faults")
    project = shared_copy()
    project.start_over({**scenario.SEEDS, "period_closes": CLOSED})
    edited = DEALS.replace("EDITED  | Support        | 600.00 ", "EDITED  | Support        | 660.00 ")
    kept = "".join(line for line in ENTRIES.splitlines(keepends=True) if not line.startswith("E-2 "))
    first, second = _raw(folder / "first", DEALS, ENTRIES), _raw(folder / "second", edited, kept + BACK_DATED)
    taken = {}
    for name, raw_dir, as_of in (
        ("closed", first, AT_CLOSING),
        ("edited", second, LATER),
        ("again", second, LATER),
    ):
        project.build(raw_dir, as_of, *REVENUE, without=("unit_test",) if name == "edited" else ("test", "unit_test"))
        taken[name] = Path(shutil.copy(project.warehouse, folder / f"{name}.duckdb"))
    moved = ENTRIES.replace("M-1      | MANY    | 2026-02-01", "M-1      | MANY    | 2026-03-01")
    project.build(_raw(folder / "third", DEALS, moved, written_at="2026-06-16 00:00:00"), LATER, *HISTORY)
    taken["back"] = Path(shutil.copy(project.warehouse, folder / "back.duckdb"))
    return taken


def _raw(folder: Path, deals: str, entries: str, written_at: str = "2026-05-01 00:00:00") -> Path:
    (deal, *_), (entry, *_) = scenario.RAW["deals"], scenario.RAW["revenue_entries"]
    common_deal = {**deal, "start_date": "", "end_date": "", "cancelled_on": ""}
    common_entry = {**entry, "entry_type": "recognition", "updated_at": written_at}
    return scenario.write(
        {
            "deals": [{**common_deal, **row} for row in scenario.table(deals)],
            "revenue_entries": [{**common_entry, **row} for row in scenario.table(entries)],
        },
        folder,
    )


@pytest.fixture
def ask(builds: dict[str, Path]) -> Ask:
    """What a query finds in the company as it was closed."""
    return lambda query: _asked(builds["closed"], query)


def _asked(warehouse: Path, query: str) -> Rows:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_deal_of_12_months_is_booked_for_12_months_and_not_for_13(ask: Ask) -> None:
    found = ask(
        """
        select count(*), min(revenue_month), max(revenue_month), sum(booked_amount)
        from fct_revenue_schedule where deal_id = 'YEAR'
        """
    )
    assert found == [(12, date(2026, 1, 1), date(2026, 12, 1), Decimal("1200.00"))]


def test_several_entries_of_a_deal_do_not_multiply_what_is_booked(ask: Ask) -> None:
    found = ask("""
        select booked_amount, recognized_amount, cause, entry_count from fct_revenue_variance
        where deal_id = 'MANY' and revenue_month = '2026-02-01'
    """)
    assert found == [(Decimal("100.00"), Decimal("100.00"), "matched", 3)]
    assert ask("select sum(booked_amount) from fct_revenue_variance where deal_id = 'MANY'") == [(Decimal("300.00"),)]


def test_a_share_is_a_fraction_and_is_compared_with_a_fraction(ask: Ask) -> None:
    found = ask("""
        select variance_pct, cause from fct_revenue_variance
        where deal_id = 'SHARE' and revenue_month < '2026-03-01' order by revenue_month
    """)
    assert found == [(Decimal("-0.009"), "matched"), (Decimal("-0.02"), "amount_mismatch")]


def test_the_share_is_of_what_is_booked_and_not_of_what_is_recognized(ask: Ask) -> None:
    found = ask("""
        select deal_id, variance_pct from fct_revenue_variance
        where (deal_id = 'SHARE' and revenue_month >= '2026-03-01') or deal_id = 'MAYBE' order by deal_id, revenue_month
    """)
    assert found == [("MAYBE", None), ("SHARE", Decimal(-1)), ("SHARE", Decimal(2))]


def test_no_penny_is_lost_to_rounding(ask: Ask) -> None:
    found = ask("select booked_amount from fct_revenue_schedule where deal_id = 'PENNY' order by revenue_month")
    assert [amount for (amount,) in found] == [Decimal("14.29")] * 6 + [Decimal("14.26")]


def test_one_time_revenue_is_not_dropped(ask: Ask) -> None:
    found = ask(
        "select revenue_month, revenue_category, booked_amount, cause from fct_revenue_variance where deal_id = 'ONCE'"
    )
    assert found == [(date(2026, 2, 1), "one_time", Decimal("5000.00"), "matched")]


def test_pending_deals_are_not_counted(ask: Ask) -> None:
    assert ask("select count(*) from fct_revenue_schedule where deal_id = 'MAYBE'") == [(0,)]
    found = ask(
        "select booked_amount, recognized_amount, cause, explanation from fct_revenue_variance where deal_id = 'MAYBE'"
    )
    assert found == [
        (
            Decimal("0.00"),
            Decimal("300.00"),
            "unbooked_recognition",
            NOT_WON,
        )
    ]


def test_a_missing_rate_is_an_alert_and_a_flagged_row_and_never_1(ask: Ask) -> None:
    found = ask("""
        select booked_amount, booked_amount_reporting, recognized_amount_reporting, is_missing_fx_rate
        from fct_revenue_variance where deal_id = 'NO-RATE'
    """)
    assert found == [(Decimal("70.00"), None, None, True)]
    alerts = ask("select message from main_intermediate.int_revenue_alerts where rule_name = 'missing_fx_rate'")
    assert alerts == [("No rate for XAU in 2026-04: 1 amount(s) are left out of the sums until fx_rates has it.",)]
    without = ask(
        """
        select sum(booked_amount), sum(unconverted_rows)
        from rpt_revenue_reconciliation_monthly where revenue_category = 'one_time'
        """
    )
    assert without == [(Decimal("5000.00"), 1)]


def test_an_error_is_not_swallowed_with_exit_0(tmp_path: Path) -> None:
    raw_dir = _raw(tmp_path / "raw", DEALS, ENTRIES)
    (raw_dir / "accounting" / "revenue_entries.csv").unlink()
    (raw_dir / "accounting" / "revenue_entries.parquet").write_bytes(b"PAR1 and no more")
    project = shared_copy()
    project.start_over()
    environment = {
        "TIEOUT_PROJECT_DIR": str(project.root),
        "TIEOUT_DUCKDB_PATH": str(project.warehouse),
        "COLUMNS": "300",
    }
    arguments = [
        "run",
        "--raw-dir",
        str(raw_dir),
        "--output-dir",
        str(tmp_path / "exports"),
        "--select-domain",
        "revenue",
    ]
    with chdir(project.root):
        result = CliRunner().invoke(app, arguments, env=environment)
    assert result.exit_code == 2
    assert "revenue_entries" in result.output


RESTATED = """
    select measure, subject, value_as_closed, value_now, cause
    from main_intermediate.int_revenue_restatements order by subject
"""


def test_what_changes_in_a_closed_month_is_restated_with_both_values(builds: dict[str, Path]) -> None:
    assert _asked(builds["closed"], RESTATED) == []
    expected = [
        ("recognized_amount", "E-2", Decimal("1.00"), Decimal("0.00"), "removed row"),
        ("recognized_amount", "E-3", Decimal("0.00"), Decimal("7.00"), "late row"),
        ("booked_amount", "EDITED", Decimal("100.00"), Decimal("110.00"), "changed row"),
    ]
    assert _asked(builds["edited"], RESTATED) == expected
    assert _asked(builds["again"], RESTATED) == expected


def test_edits_and_deletions_of_deals_and_entries_stay_visible(builds: dict[str, Path]) -> None:
    values = "select contract_value from main_snapshots.deals_history where deal_key = 'EDITED' order by dbt_valid_from"
    versions = """
        select entry_id, dbt_is_deleted, dbt_valid_to is null from main_snapshots.revenue_entries_history
        where entry_id in ('E-2', 'E-3') order by entry_id, dbt_valid_from
    """
    assert _asked(builds["closed"], values) == [(Decimal("600.00"),)]
    for build in ("edited", "again"):
        assert _asked(builds[build], values) == [(Decimal("600.00"),), (Decimal("660.00"),)]
        assert _asked(builds[build], versions) == [
            ("E-2", "False", False),
            ("E-2", "True", True),
            ("E-3", "False", True),
        ]


def test_what_comes_back_or_moves_is_a_version_and_what_is_only_written_again_is_none(builds: dict[str, Path]) -> None:
    values = "select contract_value from main_snapshots.deals_history where deal_key = 'EDITED' order by dbt_valid_from"
    versions = """
        select entry_id, dbt_is_deleted, recognition_period, dbt_valid_to is null
        from main_snapshots.revenue_entries_history
        qualify count(*) over (partition by entry_key) > 1
        order by entry_id, dbt_valid_from
    """
    assert _asked(builds["back"], values) == [(Decimal("600.00"),), (Decimal("660.00"),), (Decimal("600.00"),)]
    february, march, april = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
    assert _asked(builds["back"], versions) == [
        ("E-2", "False", april, False),
        ("E-2", "True", april, False),
        ("E-2", "False", april, True),
        ("E-3", "False", april, False),
        ("E-3", "True", april, True),
        ("M-1", "False", february, False),
        ("M-1", "False", march, True),
    ]


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three days of entries without a key, of one with several versions and of one posted never."""
    folder = tmp_path_factory.mktemp("days")
    project = shared_copy()
    project.start_over({**scenario.SEEDS, "period_closes": CLOSED})
    twin = " | MANY | 2026-02-01 | Support | 40.00 | USD | 2026-02-27 00:00:00\n"
    other = " | MANY | 2026-02-01 | Support | 41.00 | USD | 2026-02-27 00:00:00\n"
    newer = " | MANY | 2026-03-01 | Support | 99.00 | USD | 2026-03-28 00:00:00\n"
    versions = (twin.replace(" ", "V-1 ", 1) + other.replace(" ", "v-1 ", 1)).replace("02-27", "02-20")
    newest = newer.replace(" ", "V-1 ", 1)
    never = "V-2 | MANY | 2026-02-01 | Support | 7.00 | USD | 9999-12-31 00:00:00\n"
    taken = []
    for number, rows in enumerate(
        (twin + other + versions, newer + twin + twin + other + versions + newest + never, twin + versions + never)
    ):
        project.build(_raw(folder / str(number), DEALS, ENTRIES + rows), LATER, *HISTORY, "+int_revenue_entries")
        taken.append(Path(shutil.copy(project.warehouse, folder / f"{number}.duckdb")))
    return taken


def test_entries_without_a_key_are_kept_as_often_as_they_stand_there(days: list[Path]) -> None:
    without_keys = "select entry_key, recognized_amount from {} where entry_key like '(none)-%' {} order by all"
    tables = (
        ("main_staging.stg_accounting__revenue_entries", ""),
        ("main_intermediate.int_revenue_entries", ""),
        ("main_snapshots.revenue_entries_history", "and dbt_valid_to is null and dbt_is_deleted = 'False'"),
    )
    for day, amounts in zip(days, ([40, 41], [40, 40, 41, 99], [40]), strict=True):
        staged, built, last_versions = (_asked(day, without_keys.format(*table)) for table in tables)
        assert sorted(amount for _, amount in staged) == amounts
        assert built == staged
        assert last_versions == staged


def test_a_version_of_another_day_joins_the_others_of_its_key_and_leaves_them(days: list[Path]) -> None:
    versions = """
        select entry_key, recognized_amount, source_row_count from main_staging.stg_accounting__revenue_entries
        where entry_key like 'V-%' order by entry_key
    """
    assert [_asked(day, versions) for day in days] == [
        [("V-1", Decimal("41.00"), 2)],
        [("V-1", Decimal("99.00"), 3), ("V-2", Decimal("7.00"), 1)],
        [("V-1", Decimal("41.00"), 2), ("V-2", Decimal("7.00"), 1)],
    ]
