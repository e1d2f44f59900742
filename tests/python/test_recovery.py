"""Discrepancies of revenue found at one run and recovered by the next; the first report made again in between."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import scenario
from project_copy import ProjectCopy, shared_copy

MARCH = datetime(2026, 3, 31, 23, 59, 59)
APRIL = datetime(2026, 4, 30, 23, 59, 59)

DEALS = """
deal_id | revenue_type | contract_value | currency_code | duration_months | booked_on
R-1     | Support      | 300.00         | USD           | 3               | 2026-01-01
R-2     | Setup        | 500.00         | EUR           |                 | 2026-02-10
"""

# February and March of R-1 and all of R-2 are missing.
BY_MARCH = """
entry_id | deal_id | recognition_period | revenue_type | recognized_amount | currency_code | posted_at
E-1      | R-1     | 2026-01-01         | Support      | 100.00            | USD           | 2026-02-01 00:00:00
"""

# February clears, R-2 comes closer, and R-1 goes on after its term.
BY_APRIL = """
E-2      | R-1     | 2026-02-01         | Support      | 100.00            | USD           | 2026-04-10 00:00:00
E-3      | R-2     | 2026-02-01         | Setup        | 400.00            | EUR           | 2026-04-10 00:00:00
E-4      | R-1     | 2026-04-01         | Support      | 50.00             | USD           | 2026-04-20 00:00:00
"""

COLUMNS = "month, found_count, found_amount, recovered_count, recovered_amount, open_count, open_amount"

# 500.00 EUR were 561.73 USD in February, 100.00 EUR 112.35 USD.
FOUND_IN_MARCH = (date(2026, 3, 1), 3, Decimal("761.73"), 0, Decimal("0.00"), 3, Decimal("761.73"))
SEEN_IN_APRIL = (date(2026, 4, 1), 1, Decimal("50.00"), 1, Decimal("100.00"), 3, Decimal("262.35"))


# Deal, month, status, amount, first and last seen, age in days and its bucket.
SINCE_MARCH = (MARCH, APRIL, 30, "0-30 days")
OPEN_IN_APRIL = [
    ("R-1", date(2026, 2, 1), "recovered", Decimal("100.00"), MARCH, MARCH, 30, None),
    ("R-1", date(2026, 3, 1), "open", Decimal("100.00"), *SINCE_MARCH),
    ("R-1", date(2026, 4, 1), "open", Decimal("50.00"), APRIL, APRIL, 0, "0-30 days"),
    ("R-2", date(2026, 2, 1), "open", Decimal("112.35"), *SINCE_MARCH),
]
DISCREPANCIES = """
    select deal_id, revenue_month, discrepancy_status, amount, first_seen_at, last_seen_at, age_days, age_bucket
    from rpt_revenue_discrepancies order by all
"""
KEPT = (
    "select * from main_intermediate.int_revenue_discrepancy_history order by all",
    "select * from main_intermediate.int_revenue_observations order by all",
    "select * from rpt_revenue_recovery order by all",
    "select * from rpt_revenue_discrepancies order by all",
    "select * from rpt_revenue_discrepancy_aging order by all",
)


def test_what_clears_is_recovered_in_the_month_it_cleared_however_often_it_is_looked_at(tmp_path: Path) -> None:
    project = shared_copy()
    project.start_over(scenario.SEEDS)
    before, after = _raw(tmp_path / "before", BY_MARCH), _raw(tmp_path / "after", BY_MARCH + BY_APRIL.lstrip())
    assert _recovery(project, before, MARCH) == [FOUND_IN_MARCH]
    assert _recovery(project, after, APRIL) == [FOUND_IN_MARCH, SEEN_IN_APRIL]
    assert _rows(project, DISCREPANCIES) == OPEN_IN_APRIL
    lived = [_rows(project, query) for query in KEPT]
    # The same moment twice, an earlier one in between, and the days in order from nothing: the same history.
    _recovery(project, after, APRIL, is_only_looked_at=True)
    assert [_rows(project, query) for query in KEPT] == lived
    assert _recovery(project, after, MARCH, is_only_looked_at=True) == [FOUND_IN_MARCH]
    _recovery(project, after, APRIL, is_only_looked_at=True)
    assert [_rows(project, query) for query in KEPT] == lived
    project.start_over(scenario.SEEDS)
    _recovery(project, after, MARCH)
    _recovery(project, after, APRIL, is_only_looked_at=True)
    assert [_rows(project, query) for query in KEPT] == lived


def _raw(folder: Path, entries: str) -> Path:
    (deal, *_), (entry, *_) = scenario.RAW["deals"], scenario.RAW["revenue_entries"]
    common_deal = {**deal, "start_date": "", "end_date": "", "cancelled_on": "", "deal_status": "won"}
    common_entry = {**entry, "entry_type": "recognition", "updated_at": "2026-05-01 00:00:00"}
    return scenario.write(
        {
            "deals": [{**common_deal, **row} for row in scenario.table(DEALS)],
            "revenue_entries": [{**common_entry, **row} for row in scenario.table(entries)],
        },
        folder,
    )


def _recovery(
    project: ProjectCopy, raw_dir: Path, as_of: datetime, *, is_only_looked_at: bool = False
) -> list[tuple[object, ...]]:
    """What the mart says; where rows and rules are the same as before, only what knows of the moment is built."""
    within = "int_run_settings+," if is_only_looked_at else ""
    marts = ("+rpt_revenue_recovery", "+rpt_revenue_discrepancy_aging")
    project.build(raw_dir, as_of, "--select", *(within + mart for mart in marts))
    return _rows(project, f"select {COLUMNS} from rpt_revenue_recovery order by month")


def _rows(project: ProjectCopy, query: str) -> list[tuple[object, ...]]:
    with project.connect() as connection:
        return connection.execute(query).fetchall()
