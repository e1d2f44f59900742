"""Two sides of a comparison: what differs is found, by row, value and sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa

from runner.merged_marts import Mart
from runner.parity import Difference, compare
from runner.warehouse import Span

COLUMNS = {"id": "nvarchar(10)", "amount": "decimal(18,2)", "note": "nvarchar(50)"}
ROWS = [("a", "1.00", "x"), ("b", "2.00", None), ("c", "3.00", "z")]

Row = tuple[str, str, str | None]


class Rows:
    """A warehouse with one table in memory."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.table = pa.table(
            {
                "id": pa.array([row[0] for row in rows], pa.string()),
                "amount": pa.array([Decimal(row[1]) for row in rows], pa.decimal128(18, 2)),
                "note": pa.array([row[2] for row in rows], pa.string()),
            }
        )

    def read_arrow(
        self,
        relation: str,  # noqa: ARG002
        order_by: Sequence[str],  # noqa: ARG002
        columns: Mapping[str, str] | None = None,  # noqa: ARG002
        span: Span | None = None,  # noqa: ARG002
    ) -> pa.RecordBatchReader:
        """Serve the table."""
        return pa.RecordBatchReader.from_batches(self.table.schema, self.table.to_batches())

    def count_rows(self, relations: Sequence[str]) -> dict[str, int]:
        """Count rows."""
        return dict.fromkeys(relations, self.table.num_rows)


def mart(rows: Sequence[Row], reason: str = "", columns: Mapping[str, str] = COLUMNS) -> list[Mart]:
    moment = datetime(2026, 6, 30, tzinfo=UTC)
    return [Mart("costs", "msp", moment, ["id"], columns, (), [(Rows(rows), "costs")], reason)]


def test_the_same_rows_in_another_order_are_the_same() -> None:
    (found,) = compare(mart(ROWS), mart(ROWS[::-1]))
    assert found.is_same
    assert found.rows == (3, 3)
    assert found.sums == {"amount": (Decimal("6.00"), Decimal("6.00"))}


def test_a_penny_is_found_though_the_sums_agree() -> None:
    (found,) = compare(mart(ROWS), mart([("a", "1.01", "x"), ("b", "1.99", None), ROWS[2]]))
    assert not found.is_same
    assert found.sums["amount"] == (Decimal("6.00"), Decimal("6.00"))
    assert list(found.differences) == [
        Difference("a", "amount", "1.00", "1.01"),
        Difference("b", "amount", "2.00", "1.99"),
    ]


def test_nothing_is_not_an_empty_text() -> None:
    (found,) = compare(mart(ROWS), mart([ROWS[0], ("b", "2.00", ""), ROWS[2]]))
    assert list(found.differences) == [Difference("b", "note", "(nothing)", "")]


def test_a_row_of_one_side_and_a_row_twice_are_found() -> None:
    (found,) = compare(mart(ROWS), mart([*ROWS[:2], ROWS[1]]))
    assert (found.only_first, found.only_second) == (1, 1)
    assert Difference("c", "", "a row", "") in found.differences


def test_what_cannot_be_compared_says_why() -> None:
    assert compare(mart(ROWS), [])[0].problem == "only one of the two has it"
    assert compare(mart(ROWS), mart(ROWS, "its test failed"))[0].problem == "its test failed"
    assert compare(mart(ROWS), mart(ROWS, columns={"id": "integer"}))[0].problem == "its columns differ"
