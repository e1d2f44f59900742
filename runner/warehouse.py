"""Reading finished tables from a warehouse. One small protocol, so that every step after the build is the same on all.

Each engine hands over whole batches of columns (Arrow), streamed; nothing goes through dbt or row by row. The columns
of a contract come out under its names, in its order and with one Arrow type each, and ordered text by code point, so
that a mart's files are the same to the byte whatever engine it is on.

To add an engine: a class with these methods and one line in `open_warehouse`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from runner import arrow_types, snowflake_patience
from runner.errors import SettingError, WarehouseError, says_locked

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

# Rows held in memory at a time.
BATCH_ROWS = 100_000

# What the embedded engine may hold to sort a mart; beyond it works on disk.
SORT_MEMORY = "1GB"


@dataclass(frozen=True)
class Span:
    """The rows of a relation whose date lies between two days, both included."""

    column: str
    first: date
    last: date


class Warehouse(Protocol):
    """A warehouse, open for reading."""

    def read_arrow(
        self,
        relation: str,
        order_by: Sequence[str],
        columns: Mapping[str, str] | None = None,
        span: Span | None = None,
    ) -> pa.RecordBatchReader:
        """Stream a relation, ordered by the given columns.

        Args:
            relation: quoted as the engine wants it (`relation_name` of dbt's manifest).
            order_by: bare column names.
            columns: the contract's {name: data_type}; all columns as the engine gives them where it is absent.
            span: the rows wanted; all where it is absent.
        """

    def count_rows(self, relations: Sequence[str]) -> dict[str, int]:
        """Count the rows of each relation."""


class GuardedWarehouse:
    """A warehouse whose failures are one sentence, wherever in the reading they come."""

    def __init__(self, warehouse: Warehouse, target: str, failures: type[Exception]) -> None:
        self._warehouse = warehouse
        self._target = target
        self._failures = failures

    def read_arrow(
        self,
        relation: str,
        order_by: Sequence[str],
        columns: Mapping[str, str] | None = None,
        span: Span | None = None,
    ) -> pa.RecordBatchReader:
        """Stream a relation; see `Warehouse.read_arrow`."""
        import pyarrow as pa

        with self._in_plain_words(relation):
            reader = self._warehouse.read_arrow(relation, order_by, columns, span)

        def batches() -> Iterator[pa.RecordBatch]:
            with self._in_plain_words(relation):
                yield from reader

        return pa.RecordBatchReader.from_batches(reader.schema, batches())

    def count_rows(self, relations: Sequence[str]) -> dict[str, int]:
        """Count rows; see `Warehouse.count_rows`."""
        with self._in_plain_words("a table"):
            return self._warehouse.count_rows(relations)

    @contextmanager
    def _in_plain_words(self, relation: str) -> Iterator[None]:
        try:
            yield
        except self._failures as error:
            raise WarehouseError(
                f"The warehouse broke off while {relation} was read ({_first_line(error)}): "
                "run again, or write the files again with 'tieout export'.",
                self._target,
            ) from error


class DuckDBWarehouse:
    """The embedded engine: one file, opened read-only."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection

    def read_arrow(
        self,
        relation: str,
        order_by: Sequence[str],
        columns: Mapping[str, str] | None = None,
        span: Span | None = None,
    ) -> pa.RecordBatchReader:
        """Stream a relation; see `Warehouse.read_arrow`."""
        statement = _select(
            relation,
            [_quoted(name) for name in columns or ()],
            [_quoted(name) for name in order_by],
            _condition(span, _quoted),
        )
        return _as_contract(self._connection.cursor().sql(statement).to_arrow_reader(BATCH_ROWS), columns)

    def count_rows(self, relations: Sequence[str]) -> dict[str, int]:
        """Count rows; see `Warehouse.count_rows`."""
        counts = {}
        for relation in relations:
            row = self._connection.execute(f"select count(*) from {relation}").fetchone()  # noqa: S608 (as in _select)
            counts[relation] = int(row[0]) if row else 0
        return counts


class SnowflakeWarehouse:
    """Snowflake, read in Arrow batches; names are folded to upper case there."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def read_arrow(
        self,
        relation: str,
        order_by: Sequence[str],
        columns: Mapping[str, str] | None = None,
        span: Span | None = None,
    ) -> pa.RecordBatchReader:
        """Stream a relation; see `Warehouse.read_arrow`."""
        import pyarrow as pa

        statement = _select(
            relation,
            [_quoted(name.upper()) for name in columns or ()],
            [_quoted(name.upper()) for name in order_by],
            _condition(span, lambda name: _quoted(name.upper())),
        )
        cursor = self._connection.cursor()
        cursor.execute(statement)
        tables = cursor.fetch_arrow_batches()
        first = next(tables, None)
        if first is None:
            # Nothing to tell the columns by: the engine's own words for them do.
            first = _empty_table([description.name for description in cursor.description], columns)

        def batches() -> Iterator[pa.RecordBatch]:
            yield from first.to_batches(max_chunksize=BATCH_ROWS)
            for table in tables:
                yield from table.to_batches(max_chunksize=BATCH_ROWS)

        return _as_contract(pa.RecordBatchReader.from_batches(first.schema, batches()), columns)

    def count_rows(self, relations: Sequence[str]) -> dict[str, int]:
        """Count rows; see `Warehouse.count_rows`."""
        return {relation: _counted(self._connection.cursor(), relation) for relation in relations}


class SQLServerWarehouse:
    """SQL Server and Azure SQL, read in Arrow batches by mssql-python."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def read_arrow(
        self,
        relation: str,
        order_by: Sequence[str],
        columns: Mapping[str, str] | None = None,
        span: Span | None = None,
    ) -> pa.RecordBatchReader:
        """Stream a relation; see `Warehouse.read_arrow`."""
        import pyarrow as pa

        known = columns or {}
        # Elsewhere text is ordered by code point; here only by such a collation.
        keys = [
            _bracketed(name) + (" collate Latin1_General_BIN2" if arrow_types.is_text(known[name]) else "")
            for name in order_by
        ]
        cursor = self._connection.cursor()
        cursor.execute(_select(relation, [_bracketed(name) for name in known], keys, _condition(span, _bracketed)))
        reader = cursor.arrow_reader(BATCH_ROWS)
        return _as_contract(pa.RecordBatchReader.from_batches(reader.schema, reader), columns)

    def count_rows(self, relations: Sequence[str]) -> dict[str, int]:
        """Count rows; see `Warehouse.count_rows`."""
        return {relation: _counted(self._connection.cursor(), relation) for relation in relations}


# A connection, its reader, and what the engine's errors are.
_Opened = tuple[Any, Warehouse, type[Exception]]


@contextmanager
def open_warehouse(output: Mapping[str, Any], target: str) -> Iterator[Warehouse]:
    """Open the warehouse of a target, to read from, for as long as the block lasts.

    Args:
        output: the target's settings (`profiles.target_output`).
        target: its name.

    Raises:
        SettingError: no reader for this type of target.
        WarehouseError: the warehouse cannot be opened.
    """
    engines = {"duckdb": _open_duckdb, "snowflake": _open_snowflake, "sqlserver": _open_sqlserver}
    kind = str(output.get("type"))
    if kind not in engines:
        raise SettingError(f"Targets of type '{kind}' cannot be read: use one of type {', '.join(engines)}.")
    connection, warehouse, failures = engines[kind](output, target)
    try:
        yield GuardedWarehouse(warehouse, target, failures)
    finally:
        connection.close()


def _open_duckdb(output: Mapping[str, Any], target: str) -> _Opened:
    import duckdb

    path = Path(output["path"])
    if not path.is_file():
        raise WarehouseError(f"There is no warehouse at {path}: build it with 'tieout run'.", target)
    try:
        connection = duckdb.connect(str(path), read_only=True)
        connection.execute(f"set memory_limit = '{SORT_MEMORY}'")
    except duckdb.Error as error:
        remedy = (
            "close the program that has it open"
            if says_locked(str(error))
            else "put a backup of it in place, or move it away and run again (its history begins anew)"
        )
        raise WarehouseError(
            f"The warehouse {path} cannot be opened ({_first_line(error)}): {remedy}.", target
        ) from error
    return connection, DuckDBWarehouse(connection), duckdb.Error


def _open_snowflake(output: Mapping[str, Any], target: str) -> _Opened:
    import snowflake.connector
    from dbt.adapters.snowflake.connections import SnowflakeCredentials

    # Who we are is worked out as dbt does it, so that both take the same profile.
    credentials = _credentials(SnowflakeCredentials, output)
    try:
        connection = snowflake.connector.connect(
            account=credentials.account,
            database=credentials.database,
            schema=credentials.schema,
            warehouse=credentials.warehouse,
            role=credentials.role or None,
            application="tieout",
            login_timeout=snowflake_patience.login_seconds(),
            network_timeout=snowflake_patience.seconds(),
            # Money stays decimal: by default the connector gives floats.
            arrow_number_to_decimal=True,
            **credentials.auth_args(),
        )
    except (snowflake.connector.errors.Error, OSError, ValueError, TypeError) as error:
        # The others come from a key file that is not there, is none, or wants another passphrase.
        raise WarehouseError(
            f"Snowflake account {credentials.account} cannot be reached: {_first_line(error)}.", target
        ) from error
    return connection, SnowflakeWarehouse(connection), snowflake.connector.errors.Error


def _open_sqlserver(output: Mapping[str, Any], target: str) -> _Opened:
    import mssql_python
    from dbt.adapters.sqlserver.sqlserver_backend import build_mssql_python_connection_string
    from dbt.adapters.sqlserver.sqlserver_credentials import SQLServerCredentials

    # mssql-python reads Arrow and needs no driver installed, whatever backend dbt writes with.
    credentials = _credentials(SQLServerCredentials, output)
    try:
        connection = mssql_python.connect(build_mssql_python_connection_string(credentials), autocommit=True)
    except mssql_python.Error as error:
        raise WarehouseError(
            f"SQL Server {credentials.host} cannot be reached: {_first_line(error)}.", target
        ) from error
    return connection, SQLServerWarehouse(connection), mssql_python.Error


def _credentials(kind: Any, output: Mapping[str, Any]) -> Any:
    settings = {name: value for name, value in output.items() if name not in ("type", "threads")}
    return kind.from_dict(kind.translate_aliases(settings))


def _select(relation: str, columns: Sequence[str], order_by: Sequence[str], condition: str = "") -> str:
    # All names come from dbt's manifest.
    ordered = f" order by {', '.join(order_by)}" if order_by else ""
    return f"select {', '.join(columns) or '*'} from {relation}{condition}{ordered}"  # noqa: S608


def _condition(span: Span | None, quoted: Callable[[str], str]) -> str:
    if span is None:
        return ""
    first, last = (f"cast('{day.isoformat()}' as date)" for day in (span.first, span.last))
    return f" where {quoted(span.column)} between {first} and {last}"


def _as_contract(reader: pa.RecordBatchReader, columns: Mapping[str, str] | None) -> pa.RecordBatchReader:
    if columns:
        return arrow_types.conform(reader, arrow_types.schema_of(columns))
    import pyarrow as pa

    return arrow_types.conform(
        reader,
        pa.schema(
            pa.field(field.name.lower(), pa.timestamp("us") if pa.types.is_timestamp(field.type) else field.type)
            for field in reader.schema
        ),
    )


def _empty_table(names: Sequence[str], columns: Mapping[str, str] | None) -> pa.Table:
    import pyarrow as pa

    if columns:
        return arrow_types.schema_of(columns).empty_table()
    return pa.schema([pa.field(name, pa.string()) for name in names]).empty_table()


def _counted(cursor: Any, relation: str) -> int:
    (count,) = cursor.execute(f"select count(*) from {relation}").fetchone()  # noqa: S608 (as in _select)
    return int(count)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _bracketed(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"
