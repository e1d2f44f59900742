"""Reading finished tables from a warehouse. One small protocol, so that every step after the build is the same on all.

To add an engine: a class with these methods and one line in `open_warehouse`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from runner.errors import SettingError, TieoutError

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

# Rows held in memory at a time.
BATCH_ROWS = 100_000


class Warehouse(Protocol):
    """A warehouse, open for reading."""

    def read_arrow(self, relation: str, order_by: Sequence[str]) -> pa.RecordBatchReader:
        """Stream a relation, all columns, ordered by the given columns.

        `relation` is quoted as the engine wants it (`relation_name` of dbt's manifest); columns are bare names.
        """

    def count_rows(self, relations: Sequence[str]) -> dict[str, int]:
        """Count the rows of each relation."""


class DuckDBWarehouse:
    """The embedded engine: one file, opened read-only."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection

    def read_arrow(self, relation: str, order_by: Sequence[str]) -> pa.RecordBatchReader:
        """Stream a relation; see `Warehouse.read_arrow`."""
        ordered = f" order by {', '.join(_quoted(column) for column in order_by)}" if order_by else ""
        statement = f"select * from {relation}{ordered}"  # noqa: S608 (names come from dbt's manifest)
        return self._connection.cursor().sql(statement).to_arrow_reader(BATCH_ROWS)

    def count_rows(self, relations: Sequence[str]) -> dict[str, int]:
        """Count rows; see `Warehouse.count_rows`."""
        counts = {}
        for relation in relations:
            row = self._connection.execute(f"select count(*) from {relation}").fetchone()  # noqa: S608 (as above)
            counts[relation] = int(row[0]) if row else 0
        return counts


@contextmanager
def open_warehouse(output: Mapping[str, Any]) -> Iterator[Warehouse]:
    """Open the warehouse of a target, read-only, for as long as the block lasts.

    Args:
        output: the target's settings (`profiles.target_output`).

    Raises:
        SettingError: no reader for this type of target.
        TieoutError: the warehouse cannot be opened.
    """
    if output.get("type") != "duckdb":
        raise SettingError(f"Targets of type '{output.get('type')}' cannot be exported: use --target duckdb.")
    import duckdb

    path = Path(output["path"])
    if not path.is_file():
        raise TieoutError(f"There is no warehouse at {path}: build it with 'tieout run'.")
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise TieoutError(
            f"The warehouse {path} cannot be opened ({str(error).splitlines()[0]}): close the program that has it open."
        ) from error
    try:
        yield DuckDBWarehouse(connection)
    finally:
        connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
