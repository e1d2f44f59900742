"""Exported files in pieces that fit into memory, as data frames of the types that expectations judge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

ROWS_AT_ONCE = 250_000


class UnreadableError(Exception):
    """A file is damaged, or a cell does not fit the type of its column."""


def shape(parquet: Path) -> tuple[pa.Schema, int]:
    """Columns with their types, and number of rows.

    Raises:
        UnreadableError: it is no Parquet file.
    """
    try:
        return pq.read_schema(parquet), pq.read_metadata(parquet).num_rows
    except (pa.ArrowException, OSError) as error:
        raise UnreadableError(str(error).splitlines()[0]) from error


def frames(path: Path, schema: pa.Schema, rows_at_once: int = ROWS_AT_ONCE) -> Iterator[pd.DataFrame]:
    """Give a CSV or Parquet file in pieces, each but the first with the last row of the piece before it.

    Files are ordered by their key, so a repeated key lies in two neighbouring rows and is seen within one piece.

    Raises:
        UnreadableError: the file is damaged, or a cell does not fit the type of its column.
    """
    try:
        yield from _frames(path, schema, rows_at_once)
    except (pa.ArrowException, ValueError, OSError) as error:
        raise UnreadableError(str(error).splitlines()[0]) from error


def _frames(path: Path, schema: pa.Schema, rows_at_once: int) -> Iterator[pd.DataFrame]:
    batches = _csv(path, schema) if ".csv" in path.suffixes else pq.ParquetFile(path).iter_batches(rows_at_once)
    rest = schema.empty_table()
    overlap = 0
    is_first = True
    for batch in batches:
        rest = pa.concat_tables([rest, pa.Table.from_batches([batch]).cast(schema)])
        while rest.num_rows >= rows_at_once + overlap:
            yield _frame(rest.slice(0, rows_at_once + overlap))
            rest = rest.slice(rows_at_once + overlap - 1)
            overlap, is_first = 1, False
    if is_first or rest.num_rows > overlap:
        yield _frame(rest)


def _csv(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    options = pyarrow.csv.ConvertOptions(
        column_types={field.name: field.type for field in schema},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    with pyarrow.csv.open_csv(path, convert_options=options) as reader:
        yield from reader


def _frame(table: pa.Table) -> pd.DataFrame:
    """A frame whose numbers are floats where pandas would make objects of them."""
    plain = [
        pa.field(
            field.name,
            pa.float64()
            if pa.types.is_decimal(field.type)
            else pa.timestamp("s")
            if pa.types.is_date(field.type)
            else field.type,
        )
        for field in table.schema
    ]
    frame: pd.DataFrame = table.cast(pa.schema(plain)).to_pandas()
    return frame
