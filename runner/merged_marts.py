"""The marts of a deployment, each read from every warehouse that holds a part of it.

A mart of a domain is in one warehouse. A mart of operations is built in each, from the domains that live there: its
rows are put together here. Where all have the same row (daily_ops_summary: one row, columns of every domain) the parts
are laid over each other, and the columns that the mart's `meta` calls `summed_across_warehouses` are added up.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from runner import arrow_types
from runner.errors import TieoutError
from runner.state import MartState, WarehouseState
from runner.warehouse import BATCH_ROWS, SORT_MEMORY, Warehouse

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class OpenWarehouse:
    """A warehouse that is open for reading, and what the last run left in it."""

    target: str
    warehouse: Warehouse = field(repr=False)
    state: WarehouseState = field(repr=False)

    def as_of(self) -> datetime:
        """The moment its figures look at, as it stands there."""
        (moment,) = self.warehouse.read_arrow(self.state.settings_relation, ()).read_all().column("as_of").to_pylist()
        return moment.replace(tzinfo=UTC)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Mart:
    """A mart with the warehouses its rows are in."""

    name: str
    domain: str
    as_of: datetime
    primary_key: Sequence[str]
    columns: Mapping[str, str]
    summed: Sequence[str]
    parts: Sequence[tuple[Warehouse, str]] = field(repr=False)
    """Each warehouse with the relation in it."""
    reason: str = ""
    """Why it is not current; empty where every part of it is."""
    run_clock_columns: Sequence[str] = ()
    """Columns that tell when a run saw something, which two builds of the same figures do not share."""

    @property
    def is_current(self) -> bool:
        """Tell whether every part was built and passed its tests."""
        return not self.reason

    def without_run_clock(self) -> Mart:
        """The mart without the columns that two builds of the same figures do not share."""
        kept = {name: kind for name, kind in self.columns.items() if name not in self.run_clock_columns}
        return replace(self, columns=kept)

    @contextmanager
    def opened(self) -> Iterator[pa.RecordBatchReader]:
        """Stream the rows of all parts, ordered by the primary key, for as long as the block lasts."""
        readers = [warehouse.read_arrow(relation, self.primary_key, self.columns) for warehouse, relation in self.parts]
        if len(readers) == 1:
            yield readers[0]
            return
        with self._merged(readers) as reader:
            yield reader

    @contextmanager
    def _merged(self, readers: Sequence[pa.RecordBatchReader]) -> Iterator[pa.RecordBatchReader]:
        import duckdb

        keys = ", ".join(_quoted(name) for name in self.primary_key)
        schema = readers[0].schema
        columns = ", ".join(self._laid_over(name) for name in schema.names) if self.summed else "*"
        grouped = f"group by {keys}" if self.summed else ""
        # On disk, as a mart may be larger than memory.
        with (
            tempfile.TemporaryDirectory(prefix="tieout-merge-") as folder,
            duckdb.connect(str(Path(folder) / "merge.duckdb")) as connection,
        ):
            connection.execute(f"set memory_limit = '{SORT_MEMORY}'")
            connection.register("nothing", schema.empty_table())
            connection.execute("create table parts as select * from nothing")
            for reader in readers:
                for batch in reader:
                    connection.register("batch", batch)
                    connection.execute("insert into parts by name select * from batch")
            rows = connection.sql(f"select {columns} from parts {grouped} order by {keys}")  # noqa: S608
            yield arrow_types.conform(rows.to_arrow_reader(BATCH_ROWS), schema)

    def _laid_over(self, name: str) -> str:
        column = _quoted(name)
        if name in self.primary_key:
            return column
        return f"{'sum' if name in self.summed else 'any_value'}({column}) as {column}"


def marts_of(opened: Sequence[OpenWarehouse]) -> list[Mart]:
    """The marts of the last run in these warehouses, by name; a mart is current where all its parts are."""
    by_name: dict[str, list[tuple[OpenWarehouse, MartState]]] = {}
    for one in opened:
        for mart in one.state.marts_of_last_run:
            by_name.setdefault(mart.name, []).append((one, mart))
    return [_mart(parts) for _, parts in sorted(by_name.items())]


def moment_of(opened: Sequence[OpenWarehouse]) -> datetime:
    """The moment that the figures of all these warehouses look at.

    Raises:
        TieoutError: it is not the same one.
    """
    moments = {one.target: one.as_of() for one in opened}
    if len(set(moments.values())) > 1:
        told = ", ".join(f"{target} {moment:%Y-%m-%dT%H:%M:%SZ}" for target, moment in moments.items())
        raise TieoutError(f"The warehouses were built for different moments ({told}): build them with 'tieout run'.")
    return next(iter(moments.values()))


def _mart(parts: Sequence[tuple[OpenWarehouse, MartState]]) -> Mart:
    first = parts[0][1]
    return Mart(
        name=first.name,
        domain=first.domain,
        as_of=first.as_of,
        primary_key=first.primary_key,
        columns=first.columns,
        summed=first.summed,
        parts=[(one.warehouse, mart.relation) for one, mart in parts],
        reason=next((mart.reason for _, mart in parts if not mart.is_current), ""),
        run_clock_columns=first.run_clock_columns,
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
