"""Parity: the same marts on two targets, compared row by row.

Both sides are read in Arrow batches into an embedded database of their own for the comparison, one mart at a time, so
that it is made set-based and a large mart does not have to fit in memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from runner import arrow_types, profiles
from runner.errors import TieoutError
from runner.merged_marts import Mart, OpenWarehouse, marts_of, moment_of
from runner.screen import say
from runner.settings import Settings, iso
from runner.state import Workspace
from runner.warehouse import open_warehouse

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_DIFFERENCES = 10
"""Differing values shown of one mart."""


@dataclass(frozen=True)
class Difference:
    """A value that differs, or a whole row that one side has not (`column` is empty then)."""

    key: str
    column: str
    first: str
    second: str


@dataclass(frozen=True)
class MartParity:
    """A mart on both targets."""

    name: str
    rows: tuple[int, int]
    sums: Mapping[str, tuple[Decimal | None, Decimal | None]]
    """Sum of every numeric column on both sides."""
    only_first: int
    """Rows that the first target alone has, whole row compared."""
    only_second: int
    differences: Sequence[Difference] = field(default=(), repr=False)
    """The first of them, by primary key."""
    problem: str = ""
    """Why the mart could not be compared."""

    @property
    def is_same(self) -> bool:
        """Tell whether every row is the same on both."""
        return not (self.problem or self.only_first or self.only_second)


def compare(first: Sequence[Mart], second: Sequence[Mart]) -> list[MartParity]:
    """Compare every mart that either side has, by name."""
    marts = {mart.name: mart for mart in first}, {mart.name: mart for mart in second}
    return [_compare_mart(name, marts[0].get(name), marts[1].get(name)) for name in sorted({*marts[0], *marts[1]})]


def report(first: tuple[str, Settings], second: tuple[str, Settings], console: Console) -> int:
    """Compare every mart on two sides and say what differs; gives the exit code, 1 where anything does.

    Args:
        first: a name for people, and a target or several.
        second: what to compare it with.
        console: where to say it.

    Raises:
        TieoutError: a side was not built yet, or the two were built for different moments.
    """
    names = (first[0], second[0])
    with ExitStack() as stack:
        sides = [_opened(settings, stack) for _, settings in (first, second)]
        moments = [moment_of(side) for side in sides]
        if moments[0] != moments[1]:
            raise TieoutError(
                f"The two were built for different moments, {iso(moments[0])} and {iso(moments[1])}: "
                "run both with the same --as-of."
            )
        found = compare(marts_of(sides[0]), marts_of(sides[1]))
    _print_overview(found, names, console)
    for mart in found:
        if not mart.is_same:
            _print_mart(mart, names, console)
    differing = sum(not mart.is_same for mart in found)
    say(
        console,
        f"{len(found)} marts as of {iso(moments[0])}: {len(found) - differing} the same, {differing} not.",
    )
    return 1 if differing else 0


def _opened(settings: Settings, stack: ExitStack) -> list[OpenWarehouse]:
    opened = []
    for part in settings.by_target():
        output = profiles.target_output(part)
        state = Workspace(part, output).read()
        if state is None:
            raise TieoutError(
                f"Nothing was built yet for target {part.target}: build it with 'tieout run --target {part.target}'."
            )
        opened.append(OpenWarehouse(part.target, stack.enter_context(open_warehouse(output, part.target)), state))
    return opened


def _print_overview(found: Sequence[MartParity], targets: tuple[str, str], console: Console) -> None:
    table = Table("mart", *(f"rows {target}" for target in targets), "differing rows", "sums", box=None, pad_edge=False)
    for mart in found:
        unequal = [name for name, (first, second) in mart.sums.items() if first != second]
        sums = f"{', '.join(unequal)} differ" if unequal else f"{len(mart.sums)} equal"
        rows = [Text(f"{count:,}", justify="right") for count in mart.rows]
        if mart.problem:
            table.add_row(mart.name, "", "", "", Text(mart.problem, style="red"))
            continue
        differing = Text(f"{max(mart.only_first, mart.only_second):,}", "" if mart.is_same else "red", justify="right")
        table.add_row(mart.name, *rows, differing, Text(sums, style="red" if unequal else ""))
    console.print(table)


def _print_mart(mart: MartParity, targets: tuple[str, str], console: Console) -> None:
    if mart.problem:
        return
    sums = Table("sum of", *targets, "difference", title=mart.name, title_justify="left", box=None, pad_edge=False)
    for name, (first, second) in mart.sums.items():
        sums.add_row(name, *(Text(str(value), justify="right") for value in (first, second, _gap(first, second))))
    console.print(sums)
    values = Table("key", "column", *targets, box=None, pad_edge=False)
    for difference in mart.differences:
        cells = (difference.key, difference.column or "(row)", difference.first, difference.second)
        values.add_row(*(Text(cell, overflow="fold") for cell in cells))
    console.print(values)


def _gap(first: Decimal | None, second: Decimal | None) -> Decimal:
    return Decimal(first or 0) - Decimal(second or 0)


def _compare_mart(name: str, first: Mart | None, second: Mart | None) -> MartParity:
    problem = _problem(first, second)
    if problem or first is None or second is None:
        return MartParity(name, (0, 0), {}, 0, 0, problem=problem)
    first, second = first.without_run_clock(), second.without_run_clock()
    import duckdb

    with tempfile.TemporaryDirectory(prefix="tieout-parity-") as folder:
        connection = duckdb.connect(str(Path(folder) / "parity.duckdb"))
        try:
            for table, mart in (("first", first), ("second", second)):
                with mart.opened() as reader:
                    connection.register("incoming", reader)
                    connection.execute(f"create table {table} as select * from incoming")  # noqa: S608
                    connection.unregister("incoming")
            return _compared(connection, first)
        finally:
            connection.close()


def _problem(first: Mart | None, second: Mart | None) -> str:
    if first is None or second is None:
        return "only one of the two has it"
    for mart in (first, second):
        if not mart.is_current:
            return mart.reason
    if arrow_types.schema_of(first.columns) != arrow_types.schema_of(second.columns):
        return "its columns differ"
    return ""


def _compared(connection: DuckDBPyConnection, mart: Mart) -> MartParity:
    def one(statement: str) -> Any:
        row = connection.execute(statement).fetchone()
        return row[0] if row else None

    numbers = [
        name for name, kind in mart.columns.items() if arrow_types.is_number(kind) and name not in mart.primary_key
    ]
    sums = {
        name: (one(f"select sum({_quoted(name)}) from first"), one(f"select sum({_quoted(name)}) from second"))  # noqa: S608
        for name in numbers
    }
    only_first = one("select count(*) from (from first except all from second)")
    only_second = one("select count(*) from (from second except all from first)")
    return MartParity(
        name=mart.name,
        rows=(one("select count(*) from first"), one("select count(*) from second")),
        sums=sums,
        only_first=only_first,
        only_second=only_second,
        differences=_differences(connection, mart) if only_first or only_second else (),
    )


def _differences(connection: DuckDBPyConnection, mart: Mart) -> list[Difference]:
    """The first values that differ: rows are laid side by side by primary key, then column by column."""
    keys = [_quoted(name) for name in mart.primary_key]
    key_text = f"concat_ws(' | ', {', '.join(f'cast({key} as varchar)' for key in keys)})"
    joined = f"first full outer join second using ({', '.join(keys)})"
    others = [name for name in mart.columns if name not in mart.primary_key]
    present = "first.rowid is not null and second.rowid is not null"
    parts = [
        f"""
        select {key_text} as shown_key, '' as shown_column,
            case when first.rowid is null then '' else 'a row' end as first_value,
            case when second.rowid is null then '' else 'a row' end as second_value
        from {joined}
        where not ({present})
        """,  # noqa: S608 (names come from dbt's manifest)
        *(
            f"""
            select {key_text}, '{name.replace("'", "''")}', cast(first.{_quoted(name)} as varchar),
                cast(second.{_quoted(name)} as varchar)
            from {joined}
            where {present} and first.{_quoted(name)} is distinct from second.{_quoted(name)}
            """  # noqa: S608
            for name in others
        ),
    ]
    rows = connection.execute(
        f"{' union all '.join(parts)} order by shown_key, shown_column limit {MOST_DIFFERENCES}"
    ).fetchall()
    return [Difference(*("(nothing)" if value is None else str(value) for value in row)) for row in rows]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
