"""Every fault planted in the sample is found and named right, and nothing is found that was not planted."""

from __future__ import annotations

from collections import defaultdict

import pyarrow.parquet as pq
import pytest
from oracle.inputs import RAW_TABLES
from oracle.sample import Built

# Where a fault shows: the query of what a run found, as (record, kind).
FOUND = {
    "dq_failing_rows": "select record_id, concat(table_name, ': ', rule_name) from dq_failing_rows",
    "fct_revenue_variance": """
        select concat(deal_id, '|', revenue_month, '|', revenue_category), cause
        from fct_revenue_variance where cause <> 'matched'
    """,
    "rpt_msp_invoice_variance": """
        select concat(billing_month, '|', environment, '|', tier), cause
        from rpt_msp_invoice_variance where cause <> 'matched'
    """,
    "rpt_msp_override_audit": "select override_id, override_status from rpt_msp_override_audit",
}

Fault = tuple[str, str]
"""Record and kind."""


def _planted(built: Built) -> dict[str, dict[str, set[Fault]]]:
    """Where each fault is expected, its kind, and the records."""
    planted: dict[str, dict[str, set[Fault]]] = defaultdict(lambda: defaultdict(set))
    for fault in pq.read_table(built.raw_dir / "truth" / "faults.parquet").to_pylist():
        if fault["expected_in"] == "dq_failing_rows":
            kind = f"{fault['table_name']}: {fault['fault_kind']}"
        else:
            kind = fault["expected_value"]
        planted[fault["expected_in"]][kind].add((fault["record_id"], kind))
    return planted


def _found(built: Built, expected_in: str) -> dict[str, set[Fault]]:
    by_kind: dict[str, set[Fault]] = defaultdict(set)
    for record, kind in built.connection.execute(FOUND[expected_in]).fetchall():
        by_kind[kind].add((record, kind))
    return by_kind


@pytest.mark.parametrize("expected_in", list(FOUND))
def test_every_planted_fault_is_found_and_nothing_else(built: Built, expected_in: str) -> None:
    planted, found = _planted(built)[expected_in], _found(built, expected_in)
    assert planted, f"no fault is planted in {expected_in}"
    lines = []
    for kind in sorted(planted.keys() | found.keys()):
        right = len(planted[kind] & found[kind])
        recall = right / len(planted[kind]) if planted[kind] else 1.0
        precision = right / len(found[kind]) if found[kind] else 1.0
        if (precision, recall) != (1.0, 1.0):
            missed = sorted(record for record, _ in planted[kind] - found[kind])[:5]
            beyond = sorted(record for record, _ in found[kind] - planted[kind])[:5]
            lines.append(f"{kind}: precision {precision:.3f}, recall {recall:.3f}; missed {missed}, beyond {beyond}")
    assert not lines, "\n".join(lines)


def test_every_rule_cause_and_fate_of_an_override_is_planted(built: Built) -> None:
    planted = _planted(built)
    assert {kind.split(":")[0] for kind in planted["dq_failing_rows"]} >= set(RAW_TABLES)
    assert set(planted["fct_revenue_variance"]) == {
        "duplicate_entry",
        "currency_mismatch",
        "type_mismatch",
        "timing_shift",
        "missing_recognition",
        "unbooked_recognition",
        "recognized_outside_term",
        "amount_mismatch",
    }
    assert set(planted["rpt_msp_invoice_variance"]) == {
        "not_invoiced",
        "not_calculated",
        "override_not_billed",
        "rate_difference",
        "volume_difference",
    }
    assert set(planted["rpt_msp_override_audit"]) == {"applied", "orphaned", "pending", "rejected", "superseded"}
