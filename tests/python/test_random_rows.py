"""Companies thrown together at random, as dirty as feeds can be, beside their recomputation."""

from __future__ import annotations

import random
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import scenario
from oracle import compare
from oracle.inputs import Settings, load
from project_copy import shared_copy

AS_OF = datetime(2026, 5, 20, 10, 30, 15)
BROKEN_OFF = datetime(2026, 6, 5, 12)
LATER = datetime(2026, 4, 30, 23, 59, 59)
DOMAINS = ("msp", "revenue", "support", "quality")
KEPT_BY_BUILDS = [mart for mart, (domain, _) in compare.KEYS.items() if domain in ("msp", "revenue")]

Company = tuple[Path, dict[str, dict[str, pd.DataFrame]]]


class Dice:
    """The same company every time."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 (no secret)
        self.version = datetime(2026, 5, 21)

    def one(self, *choices: object) -> str:
        """One of the choices; text now and then with stray spaces or in another case."""
        choice = self.chance.choice(choices)
        text = _text(choice)
        if isinstance(choice, str) and self.chance.random() < 0.1:
            text = self.chance.choice([f" {text}", f"{text}\t", text.upper(), text.lower()])
        return text

    def maybe(self, share: float, *choices: object) -> str:
        """One of the choices, or nothing."""
        return self.one(*choices) if self.chance.random() < share else ""

    def number(self, count: int) -> int:
        """A number below `count`."""
        return self.chance.randrange(count)

    def month(self, first: date, count: int) -> date:
        """One of so many months, mostly its first day."""
        month = first.year * 12 + first.month - 1 + self.number(count)
        return date(month // 12, month % 12 + 1, 1 if self.chance.random() < 0.95 else 17)

    def moment(self, first: datetime, last: datetime) -> datetime:
        """A moment between two, often at an edge: midnight, the first of a month, as_of."""
        at = first + timedelta(seconds=self.number(int((last - first).total_seconds())))
        kind = self.chance.random()
        if kind < 0.1:
            return at.replace(hour=0, minute=0, second=0)
        if kind < 0.2:
            return at.replace(day=1, hour=0, minute=0, second=0) - timedelta(seconds=self.number(2))
        return AS_OF + timedelta(seconds=self.number(3) - 1) if kind < 0.25 else at

    def written(self) -> str:
        """When a row was written: never twice the same, so that it is settled which version is the newest."""
        self.version -= timedelta(seconds=1 + self.number(3))
        return _text(self.version)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return "" if value is None else str(value)


Tables = dict[str, scenario.Table]


@pytest.fixture(scope="module")
def tables() -> Tables:
    """The rows of a company; who edits them is the last to use them."""
    dice = Dice(20260520)
    return {**_service_desk(dice), **_revenue(dice), **_support(dice), "activity_point_overrides": _overrides(dice)}


@pytest.fixture(scope="module")
def company(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A warehouse, and what its marts should hold."""
    folder = tmp_path_factory.mktemp("random_rows")
    raw_dir = scenario.write(_raw(tables), folder / "raw")
    project = shared_copy()
    project.start_over(_seeds(tables))
    project.build(raw_dir, AS_OF)
    inputs = load(raw_dir, project.seeds_dir)
    expected = {domain: compare.recomputed(domain, inputs, Settings(AS_OF)) for domain in DOMAINS}
    return project.warehouse.rename(folder / "warehouse.duckdb"), expected


@pytest.fixture(scope="module")
def edited_company(company: Company, tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The same warehouse after rows came, changed and went, twice, with a run in between that got half of the way."""
    folder = tmp_path_factory.mktemp("edited_rows")
    project = shared_copy()
    project.start_over(_seeds(tables))
    shutil.copy(company[0], project.warehouse)
    dice = Dice(20260521)
    dice.version = datetime(2026, 6, 21)
    for number, (models, as_of) in enumerate([(HALF_OF_THE_WAY, BROKEN_OFF), (WHOLE_WAY, LATER)]):
        _edit(tables, dice)
        raw_dir = scenario.write(_raw(tables), folder / str(number))
        project.build(raw_dir, as_of, "--select", *models)
    inputs = load(raw_dir, project.seeds_dir)
    expected = {domain: compare.recomputed(domain, inputs, Settings(LATER)) for domain in ("msp", "revenue")}
    return project.warehouse.rename(folder / "warehouse.duckdb"), expected


HALF_OF_THE_WAY = ("+int_revenue_months", "+int_msp_text_matches", "stg_service_desk__software_requests")
WHOLE_WAY = ("tag:common", "tag:msp", "tag:revenue")
EDITED = ("service_tickets", "service_tasks", "hardware_assets", "software_requests", "deals", "revenue_entries")
EDITS = 60


def _raw(tables: Tables) -> Tables:
    return {name: rows for name, rows in tables.items() if name != "activity_point_overrides"}


def _seeds(tables: Tables) -> dict[str, str]:
    return {**scenario.SEEDS, "activity_point_overrides": scenario.as_csv(tables["activity_point_overrides"])}


def _edit(tables: Tables, dice: Dice) -> None:
    """Remove rows, put others in their place, change single fields, and add rows with old keys and new."""
    others = {**_service_desk(dice), **_revenue(dice)}
    for name in EDITED:
        rows = tables[name]
        for _ in range(min(EDITS, len(rows) // 4)):
            place, other = dice.number(len(rows)), dice.chance.choice(others[name])
            kind = dice.number(4)
            if kind == 0:
                rows.pop(place)
            elif kind == 1:
                rows[place] = {**other, "updated_at": dice.written()}
            elif kind == 2:
                field = dice.chance.choice([field for field in other if field != "updated_at"])
                rows[place] = {**rows[place], field: other[field], "updated_at": dice.written()}
            else:
                rows.insert(place, {**other, "updated_at": dice.written()})


@pytest.mark.parametrize("mart", list(compare.KEYS))
def test_mart_of_a_random_company_equals_its_recomputation(company: Company, mart: str) -> None:
    warehouse, expected = company
    with compare.opened(warehouse) as connection:
        compare.assert_mart(connection, mart, expected[compare.KEYS[mart][0]][mart])


@pytest.mark.parametrize("mart", KEPT_BY_BUILDS)
def test_mart_is_right_after_edits_and_removals_and_a_run_that_broke_off(edited_company: Company, mart: str) -> None:
    warehouse, expected = edited_company
    with compare.opened(warehouse) as connection:
        compare.assert_mart(connection, mart, expected[compare.KEYS[mart][0]][mart])


def test_failing_rows_of_a_random_company_are_named_and_counted(company: Company) -> None:
    warehouse, expected = company
    with compare.opened(warehouse) as connection:
        compare.assert_failing_rows(connection, expected["quality"]["dq_failing_rows"])
        compare.assert_scores(connection, expected["quality"]["data_quality_score"])


def test_the_random_company_meets_every_cause_and_status(company: Company) -> None:
    _, expected = company
    assert len(set(expected["revenue"]["fct_revenue_variance"]["cause"])) == 9
    assert len(set(expected["msp"]["rpt_msp_invoice_variance"]["cause"])) == 6
    assert len(set(expected["msp"]["rpt_msp_override_audit"]["override_status"])) == 5
    assert len(set(expected["support"]["fct_support_case_sla"]["sla_status"])) == 6


FIRST = datetime(2025, 1, 1)
LAST = datetime(2026, 6, 10)


def _service_desk(dice: Dice) -> dict[str, scenario.Table]:
    tickets = [
        {
            "ticket_id": dice.maybe(0.98, f"T-{dice.number(120)}"),
            "ticket_type": dice.one("incident", "service_request", "change", "wish", None),
            "short_description": dice.one("call centre", "Head office door", "cent", None),
            "site_code": dice.one("LON-HQ", "NYC-CC", "PAR", None, None),
            "cost_centre": dice.one("CC1", "CORP", "XX", None, None),
            "requester_id": "u",
            "priority": "P3",
            "opened_at": dice.maybe(0.95, dice.moment(FIRST, LAST)),
            "closed_at": dice.maybe(0.5, dice.moment(FIRST, LAST)),
            "updated_at": dice.written(),
        }
        for _ in range(200)
    ]
    assets = [
        {
            "asset_tag": dice.maybe(0.95, f"A-{dice.number(15)}"),
            "asset_type": dice.maybe(0.9, "laptop"),
            "model": "m",
            "site_code": dice.one("LON-HQ", "NYC-CC", "PAR", None),
            "cost_centre": dice.one("CC1", "CORP", "XX", None),
            "updated_at": dice.written(),
        }
        for _ in range(25)
    ]
    requests = [
        {
            "software_request_id": f"S-{dice.number(10)}",
            "ticket_id": dice.maybe(0.9, f"T-{dice.number(150)}"),
            "product": dice.maybe(0.9, "Visio"),
            "licence_type": "",
            "requested_at": dice.maybe(0.9, dice.moment(FIRST, LAST)),
            "updated_at": dice.written(),
        }
        for _ in range(15)
    ]
    tasks = [
        {
            "task_id": dice.maybe(0.99, f"K-{dice.number(500)}"),
            "ticket_id": dice.maybe(0.95, f"T-{dice.number(130)}"),
            "asset_tag": dice.maybe(0.5, f"A-{dice.number(18)}"),
            "software_request_id": dice.maybe(0.2, f"S-{dice.number(12)}"),
            "task_description": dice.one("password", "PW RESET and unlock", "mouse", "nothing known", None),
            "completion_method": dice.one("Phone", "Remote session", "Desk visit", "Hardware swap", "Magic", None),
            "technician_id": dice.one("tech1", "tech2", "tech3", None),
            "quantity": dice.one(1, 1, 2, 3, 7, 0, -1, None),
            "task_status": dice.one("completed", "completed", "completed", "open", "cancelled", "done", None),
            "started_at": dice.maybe(0.8, dice.moment(FIRST, LAST)),
            "completed_at": dice.maybe(0.9, dice.moment(FIRST, LAST)),
            "updated_at": dice.written(),
        }
        for _ in range(800)
    ]
    lines = [
        {
            "invoice_line_id": dice.maybe(0.98, f"L-{dice.number(250)}"),
            "invoice_number": "I-1",
            "billing_month": dice.maybe(0.98, dice.month(date(2025, 1, 1), 18)),
            "environment": dice.one("Corporate", "Contact Center", "Unassigned", "Mars", None),
            "tier": dice.one("Simple", "Moderate", "Complex", "Untiered", "All", "Giant", None),
            "activity_points": dice.maybe(0.95, 0.5, 1, 1.5, 4, 8),
            "amount_gbp": dice.maybe(0.95, 2.1, 2.18, 6.3, 6.53, 0, 17.4, -5, 1000),
            "received_on": dice.maybe(0.95, dice.moment(FIRST, LAST).date()),
            "updated_at": dice.written(),
        }
        for _ in range(300)
    ]
    return {
        "service_tickets": tickets,
        "hardware_assets": assets,
        "software_requests": requests,
        "service_tasks": tasks,
        "msp_invoice_lines": lines,
    }


def _overrides(dice: Dice) -> scenario.Table:
    overrides = []
    for number in range(150):
        kind = dice.one("set_tier", "set_points", "set_amount", "exclude", "adjust_amount").strip()
        value = {
            "set_tier": dice.one("Simple", "Moderate", "Complex"),
            "set_points": dice.chance.choice(["0", "1.2345", "10"]),
            "set_amount": dice.chance.choice(["0", "12.345", "100", "2.10"]),
            "adjust_amount": dice.chance.choice(["-1.005", "50", "-200"]),
            "exclude": "",
        }[kind.lower()]
        is_adjustment = kind.lower() == "adjust_amount"
        overrides.append(
            {
                "override_id": f"O-{number:03d}",
                "task_id": "" if is_adjustment else dice.one(f"K-{dice.number(520)}"),
                "billing_month": str(dice.month(date(2025, 1, 1), 17).replace(day=1)) if is_adjustment else "",
                "environment": dice.one("Corporate", "Contact Center") if is_adjustment else "",
                "tier": dice.maybe(0.5, "Simple", "Complex") if is_adjustment else "",
                "override_type": kind,
                "override_value": value,
                "reason": "r",
                "requested_by": dice.one("ann", "bob", "cy"),
                "approved_by": dice.maybe(0.8, "ann", "bob", "dee"),
                "approved_on": dice.maybe(0.9, date(2026, 5, 18 + dice.number(4)), date(2026, 1, 1)),
                "reference": "",
            }
        )
    return overrides


def _revenue(dice: Dice) -> dict[str, scenario.Table]:
    types = ["Subscription", "support revenue", "Setup", "Consulting Revenue", "Gift cards", None]
    deals = [
        {
            "deal_id": dice.maybe(0.98, f"D-{dice.number(400)}"),
            "customer_id": dice.maybe(0.95, "C1"),
            "customer_name": "n",
            "customer_segment": dice.chance.choice(["SMB", "Public ", ""]),
            "sales_rep": ("Ann", "Bob", "")[number % 3],
            "sales_region": ("EMEA", "APAC ", "")[number % 5 % 3],
            "revenue_type": dice.one(*types[:4], *types),
            "contract_value": dice.maybe(0.95, 100, 200, 200, 400, 1000, 0, -100, 333.33),
            "currency_code": dice.one("USD", "USD", "USD", "USD", "EUR", "GBP", "XXX", None),
            "duration_months": dice.one(1, 2, 2, 4, 4, 7, 0, -1, None),
            "booked_on": dice.maybe(0.95, dice.moment(datetime(2025, 10, 1), LAST).date()),
            "start_date": dice.maybe(0.5, dice.moment(datetime(2025, 10, 1), LAST).date()),
            "end_date": dice.maybe(0.3, dice.moment(datetime(2025, 10, 1), LAST).date()),
            "deal_status": dice.one("won", "won", "closed won", "won", "lost", "open", "cancelled", "winning", None),
            "cancelled_on": dice.maybe(0.3, dice.moment(datetime(2025, 10, 1), LAST).date()),
            "updated_at": dice.written(),
        }
        for number in range(500)
    ]
    entries = []
    for _ in range(2000):
        deal = dice.chance.choice(deals)
        is_sensible = dice.chance.random() < 0.8
        booked = deal["booked_on"] or "2026-01-01"
        month = date.fromisoformat(booked[:8] + "01") if is_sensible else date(2025, 10, 1)
        amount = float(deal["contract_value"] or 100) / max(int(deal["duration_months"] or 1), 1)
        entry = {
            "entry_id": dice.maybe(0.99, f"E-{dice.number(3000)}"),
            "deal_id": deal["deal_id"] if is_sensible else dice.maybe(0.9, f"D-{dice.number(420)}"),
            "recognition_period": dice.maybe(0.98, dice.month(month, 4 if is_sensible else 9)),
            "revenue_type": deal["revenue_type"] if dice.number(8) else dice.one(*types),
            "entry_type": dice.one("recognition", "recognition", "adjustment", "reversal", "gift", None),
            "recognized_amount": dice.maybe(0.97, *[round(amount * share, 2) for share in (1, 1, 1, 2, 0.5, 0.99, -1)]),
            "currency_code": deal["currency_code"] if dice.number(10) else dice.one("USD", "EUR", "GBP", None),
            "gl_account": "",
            "performance_obligation": "",
            "posted_by": "",
            "posted_at": dice.maybe(0.97, dice.moment(datetime(2025, 10, 1), LAST)),
            "updated_at": dice.written(),
        }
        entries.append(entry)
        if dice.number(30) == 0:
            entries.append({**entry, "entry_id": f"E-{dice.number(3000)}", "updated_at": dice.written()})
    return {"deals": deals, "revenue_entries": entries}


def _support(dice: Dice) -> dict[str, scenario.Table]:
    statuses = ["new", "open", "pending", "on_hold", "resolved", "closed", "snoozed", None]
    start = datetime(2026, 4, 1)
    cases = [
        {
            "case_id": dice.maybe(0.99, f"C-{dice.number(500)}"),
            "priority": dice.one("P1", "P2", "P3", "P4", None),
            "region": dice.chance.choice(["EMEA", " APAC", ""]),
            "product": "",
            "queue": "",
            "customer_tier": dice.maybe(0.5, "gold", "silver"),
            "case_status": dice.one(*statuses, "resolved", "closed", "closed", "closed"),
            "created_at": dice.maybe(0.98, dice.moment(start, LAST)),
            "first_responded_at": dice.maybe(0.6, dice.moment(start, LAST)),
            "resolved_at": dice.maybe(0.5, dice.moment(start, LAST)),
            "closed_at": dice.maybe(0.5, dice.moment(start, LAST)),
            "reopened_count": "0",
            "updated_at": dice.written(),
        }
        for _ in range(700)
    ]
    cases.append({**cases[0], "case_id": "C-900", "created_at": "2090-01-01 00:00:00", "updated_at": dice.written()})
    seen: set[tuple[str, str]] = set()
    events = []
    for _ in range(3000):
        event = {
            "event_id": dice.maybe(0.99, f"V-{dice.number(2800)}"),
            "case_id": dice.maybe(0.99, f"C-{dice.number(510)}"),
            "case_status": dice.one(*statuses),
            "occurred_at": dice.maybe(0.99, dice.moment(start, LAST)),
        }
        version = (event["event_id"].strip().upper(), event["occurred_at"])
        if event["event_id"] and version not in seen:
            seen.add(version)
            events.append(event)
    return {"support_cases": cases, "support_case_events": events}
