"""Which domains are built from what lies in a raw folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.domains import RawTable, plan, raw_tables
from runner.errors import TieoutError
from runner.settings import DOMAINS

PROJECT = Path(__file__).resolve().parent.parent.parent

TABLES = (
    RawTable("msp", "service_desk", "service_tickets"),
    RawTable("msp", "msp_billing", "msp_invoice_lines"),
    RawTable("support", "support", "support_cases"),
)


def put(raw_dir: Path, *names: str) -> None:
    for name in names:
        path = raw_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_the_sources_yaml_gives_every_raw_table_of_the_contract() -> None:
    found = {(table.domain, table.schema, table.name) for table in raw_tables(PROJECT)}
    assert found == {
        ("msp", "service_desk", "service_tickets"),
        ("msp", "service_desk", "service_tasks"),
        ("msp", "service_desk", "hardware_assets"),
        ("msp", "service_desk", "software_requests"),
        ("msp", "msp_billing", "msp_invoice_lines"),
        ("revenue", "analytics", "deals"),
        ("revenue", "accounting", "revenue_entries"),
        ("support", "support", "support_cases"),
        ("support", "support", "support_case_events"),
    }


def test_a_domain_is_built_when_all_its_tables_are_there_in_either_format(tmp_path: Path) -> None:
    put(tmp_path, "service_desk/service_tickets.csv", "msp_billing/msp_invoice_lines.parquet")
    made = plan(DOMAINS, TABLES, tmp_path)
    assert made.built == ("msp",)


def test_a_domain_without_any_table_is_skipped_without_blame(tmp_path: Path) -> None:
    put(tmp_path, "support/support_cases.csv")
    made = plan(["msp", "support"], TABLES, tmp_path)
    assert made.built == ("support",)
    assert [skipped.domain for skipped in made.skipped] == ["msp"]
    assert not made.has_partial


def test_a_domain_with_only_some_of_its_tables_names_the_missing_ones(tmp_path: Path) -> None:
    put(tmp_path, "support/support_cases.csv", "service_desk/service_tickets.csv")
    made = plan(DOMAINS, TABLES, tmp_path)
    assert made.built == ("support",)
    assert made.has_partial
    assert made.skipped[0].missing == ("msp_billing/msp_invoice_lines",)


def test_no_domain_at_all_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "service_desk/service_tickets.csv")
    with pytest.raises(TieoutError, match="msp lacks msp_billing/msp_invoice_lines"):
        plan(DOMAINS, TABLES, tmp_path)


def test_a_raw_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TieoutError, match="TIEOUT_RAW_DIR"):
        plan(DOMAINS, TABLES, tmp_path / "nowhere")
