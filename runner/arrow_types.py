"""One Arrow type for every column type of a contract, so that a mart's files are the same whatever engine it is on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pyarrow as pa

_TYPE = re.compile(r"\s*([a-z0-9_ ]+?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*", re.IGNORECASE)
_DECIMALS = {"decimal", "numeric", "number"}
_TEXTS = {"nvarchar", "varchar", "nchar", "char", "text", "string"}
_MOMENTS = {"timestamp", "timestamp_ntz", "datetime2"}
_PLAIN = {
    "integer": pa.int32(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "bit": pa.bool_(),
}


def arrow_type(data_type: str) -> pa.DataType:
    """Arrow type of a contract's `data_type`, in the spelling of any engine.

    Raises:
        ValueError: no mart of the project has such a type.
    """
    match = _TYPE.fullmatch(data_type)
    name = match.group(1).lower() if match else ""
    if match and name in _DECIMALS and match.group(2):
        return pa.decimal128(int(match.group(2)), int(match.group(3) or 0))
    if name in _TEXTS:
        return pa.string()
    if name in _MOMENTS:
        return pa.timestamp("us")
    if name in _PLAIN:
        return _PLAIN[name]
    raise ValueError(f"no Arrow type is laid down for {data_type!r}: add it to runner/arrow_types.py")


def is_text(data_type: str) -> bool:
    """Tell whether a contract's `data_type` is text."""
    return bool(pa.types.is_string(arrow_type(data_type)))


def is_number(data_type: str) -> bool:
    """Tell whether a contract's `data_type` is a number."""
    kind = arrow_type(data_type)
    return bool(pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def schema_of(columns: Mapping[str, str]) -> pa.Schema:
    """Arrow schema of a contract's columns, {name: data_type}."""
    return pa.schema([pa.field(name, arrow_type(data_type)) for name, data_type in columns.items()])


def conform(reader: pa.RecordBatchReader, schema: pa.Schema) -> pa.RecordBatchReader:
    """Give the batches of a reader, whose columns stand in the schema's order, the schema's names and types."""

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            columns = [_cast(column, field.type) for column, field in zip(batch.columns, schema, strict=True)]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == kind:
        return column
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        # Moments are UTC without a zone everywhere; a driver may say UTC in the type.
        column = column.cast(pa.timestamp(column.type.unit))
    return column.cast(kind)
