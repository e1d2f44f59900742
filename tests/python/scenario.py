"""A small hand-made company on which every rule of the contract is hit at its boundary.

Its tables lie in scenario_tables: cells separated by `|`, an empty cell null, `·` a stray space, `¦` a bar in a cell,
lines that begin with `#` comments.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

TABLES = Path(__file__).parent / "scenario_tables"

AS_OF = datetime(2026, 6, 15, 12, 0, 0)
EARLIER = datetime(2026, 5, 31, 23, 59, 59)
LATER = datetime(2026, 6, 22, 9, 0, 0)

SCHEMAS = {
    "service_tickets": "service_desk",
    "service_tasks": "service_desk",
    "hardware_assets": "service_desk",
    "software_requests": "service_desk",
    "msp_invoice_lines": "msp_billing",
    "deals": "analytics",
    "revenue_entries": "accounting",
    "support_cases": "support",
    "support_case_events": "support",
}

Table = list[dict[str, str]]


def read(path: Path) -> Table:
    """The rows of a table kept as text."""
    return table(path.read_text(encoding="utf-8"))


def table(text: str) -> Table:
    """The rows of a table written out as text."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    cells = [[cell.strip().replace("·", " ").replace("¦", "|") for cell in line.split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]


def as_csv(rows: Table) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write(raw: dict[str, Table], folder: Path) -> Path:
    """Writes the raw tables as `<folder>/<schema>/<table>.csv`."""
    for name, rows in raw.items():
        path = folder / SCHEMAS[name] / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_csv(rows), encoding="utf-8")
    return folder


SEEDS = {path.stem: as_csv(read(path)) for path in sorted((TABLES / "seeds").glob("*.txt"))}
RAW = {name: read(TABLES / "raw" / f"{name}.txt") for name in SCHEMAS}


def _with(rows: Table, key: str, **cells: str) -> Table:
    """The rows with some cells of one of them changed."""
    assert any(row[next(iter(row))].strip() == key for row in rows), key
    return [{**row, **cells} if row[next(iter(row))].strip() == key else row for row in rows]


def _without(rows: Table, *keys: str) -> Table:
    return [row for row in rows if row[next(iter(row))].strip() not in keys]


def _copied(rows: Table, key: str, **cells: str) -> Table:
    """The rows and one more, like an old one but for some cells."""
    (original,) = [row for row in rows if row[next(iter(row))].strip() == key]
    return [*rows, {**original, **cells}]


def changed_raw() -> dict[str, Table]:
    """The same company a week later: rows added, changed and gone, parents and children alike."""
    raw = dict(RAW)
    raw["service_tickets"] = _without(_with(RAW["service_tickets"], "T-2", cost_centre="CORP9"), "T-4")
    raw["hardware_assets"] = _with(_without(RAW["hardware_assets"], "A-1"), "A-2", site_code="PAR-CC")
    tasks = _without(_with(RAW["service_tasks"], "K-05", quantity="7"), "K-06", "K-20")
    tasks = _with(tasks, "K-30", task_status="completed", completed_at="2026-06-20 10:00:00")
    tasks = _with(tasks, "K-01", completion_method="Desk visit", updated_at="2025-06-01 00:00:00")
    tasks = _copied(tasks, "K-02", task_id="k-02 ", quantity="9", updated_at="2026-06-20 00:00:00")
    tasks = _copied(tasks, "")
    raw["service_tasks"] = _copied(tasks, "K-03", task_id="K-50", completed_at="2026-06-21 00:00:00")
    lines = _with(RAW["msp_invoice_lines"], "L-01", amount_gbp="102.00")
    raw["msp_invoice_lines"] = _copied(_without(lines, "L-05"), "L-04", invoice_line_id="L-20", tier="Moderate")
    deals = _with(_without(RAW["deals"], "D-11"), "D-12", contract_value="606.00")
    deals = _with(deals, "D-01", deal_status="lost")
    raw["deals"] = _copied(deals, "D-10", deal_id="D-30", customer_segment="Public", currency_code="GBP")
    entries = _with(_without(RAW["revenue_entries"], "E-032", "E-013"), "E-011", recognized_amount="505.01")
    entries = _with(entries, "E-042", deal_id="D-30", recognized_amount="500.00")
    raw["revenue_entries"] = _copied(entries, "E-034", entry_id="E-100")
    cases = _with(_without(RAW["support_cases"], "C-13"), "C-06", case_status="closed", closed_at="2026-06-16 00:00:00")
    cases = _with(cases, "C-09", priority="P1")
    cases = _copied(cases, "C-08", case_id="C-40", created_at="2026-06-21 09:00:01")
    raw["support_cases"] = _copied(cases, "C-03", case_id="C-03", updated_at="2026-06-20 00:00:00", case_status="open")
    events = _with(_without(RAW["support_case_events"], "V-003", "V-014"), "V-005", occurred_at="2026-06-11 08:00:30")
    raw["support_case_events"] = _copied(events, "V-001", event_id="V-100", case_status="on_hold", case_id="C-03")
    return raw


def changed_seeds() -> dict[str, str]:
    """What finance and operations edited that week."""
    rates, targets, overrides = SEEDS["tier_rates"], SEEDS["sla_targets"], SEEDS["activity_point_overrides"]
    return {
        "tier_rates": rates.replace("4.1000", "4.1500").replace("2026-06-01", ""),
        "completion_method_tiers": SEEDS["completion_method_tiers"] + "magic,Simple\n",
        "environment_rules": SEEDS["environment_rules"].replace("head office", "no such place"),
        "task_category_rules": "rule_id,precedence,pattern,category\nCAT-1,1,mouse,Rodents\n",
        "activity_point_overrides": overrides.replace("1000.00", "900.00").replace("K-99", "K-13"),
        "fx_rates": SEEDS["fx_rates"].replace("1.123456", "1.2") + "EUR,2026-03-01,1.14\n",
        "revenue_types": "revenue_type,revenue_category\nSubscription,recurring\nSupport,one_time\n"
        "Gift cards,recurring\nMaintenance,recurring\nService,recurring\nSetup,one_time\nConsulting,one_time\n"
        "Implementation,one_time\n",
        "sla_targets": targets.replace("P1,,resolution,1440,24x7", "P1,,resolution,700,uk_office"),
        "business_calendars": SEEDS["business_calendars"].replace("13:00", "12:30"),
        "calendar_holidays": SEEDS["calendar_holidays"] + "uk_office,2026-06-12,Works outing\n",
    }
