"""Real data: two reports a week apart on the incident log of an IT department, and the first one made again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import uci
from oracle import compare
from oracle.inputs import Inputs, Settings, load
from project_copy import REPOSITORY

pytestmark = uci.is_there


@pytest.fixture(scope="module")
def incidents() -> Inputs:
    return load(uci.UCI, REPOSITORY / "seeds")


@pytest.mark.parametrize(("name", "as_of"), [("first", uci.AS_OFS[0]), ("second", uci.AS_OFS[1])])
def test_real_incidents_equal_their_recomputation(
    uci_reports: Path, incidents: Inputs, name: str, as_of: datetime
) -> None:
    expected = compare.recomputed("support", incidents, Settings(as_of))
    assert len(expected["fct_support_case_sla"]) > 10_000
    with compare.opened_exports(uci_reports / name) as connection:
        for mart, rows in expected.items():
            compare.assert_mart(connection, mart, rows, schema="exports")


def test_a_report_made_again_is_the_same_to_the_byte(uci_reports: Path) -> None:
    first, second, again = (uci_reports / name for name in ("first", "second", "again"))
    files = sorted(path.name for path in first.glob("*.csv"))
    assert files
    assert files == sorted(path.name for path in again.glob("*.csv"))
    changed = [name for name in files if (first / name).read_bytes() != (second / name).read_bytes()]
    assert changed, "a week made no difference"
    for name in files:
        assert (first / name).read_bytes() == (again / name).read_bytes(), name
