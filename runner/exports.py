"""The exports: every mart as CSV for people and Parquet for programs, with a manifest that says what each file is.

Layout of the output folder:

- `<mart>.csv`: UTF-8 with BOM, LF, a header even when empty, text that a spreadsheet would run as a formula defused.
- `<mart>.parquet`: the same rows, typed, text as it is.
- `daily_ops_summary.txt`: the headline figures for people.
- `manifest.json`: the moment and start of the run and, for every file, its rows, columns, types, SHA-256, status and
  the moment it belongs to.

A file is written beside its final name and put in place only when every file of the run is complete and has passed the
export gate (runner/gate). A mart that this run did not renew (a test failed, its file failed a check, its domain was
skipped or not asked for) keeps its last good files, which the manifest then calls `stale`, with the reason and since
when: only `current` files belong to the run the manifest names.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import jinja2
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from pydantic import BaseModel, ValidationError

from runner import logs
from runner.errors import TieoutError
from runner.figures import sections
from runner.gate.gate import Judge
from runner.merged_marts import Mart
from runner.settings import iso
from runner.warehouse import BATCH_ROWS

MANIFEST = "manifest.json"
SUMMARY_MART = "daily_ops_summary"
SUMMARY_TEXT = "daily_ops_summary.txt"

_BOM = b"\xef\xbb\xbf"
# A spreadsheet runs a cell that starts with one of these (OWASP, "CSV Injection").
_FORMULA = r"^[=+\-@\t\r]"


class Column(BaseModel):
    """A column of an exported file, with its Arrow type."""

    name: str
    type: str


class ExportedFile(BaseModel):
    """One file of the output folder."""

    name: str
    mart: str
    domain: str
    status: Literal["current", "stale"]
    reason: str = ""
    """Why it is stale."""
    stale_since: str = ""
    """The moment of the first run that did not renew it."""
    as_of: str
    """The moment its figures look at, ISO 8601 UTC."""
    rows: int
    columns: list[Column]
    sha256: str


class Manifest(BaseModel):
    """What the output folder holds; `run_started` alone differs between two runs of the same as_of."""

    as_of: str
    run_started: str
    targets: dict[str, str] = {}
    """Each domain of the run with the warehouse it lives in."""
    domains: list[str]
    skipped_domains: list[str]
    failed_domains: dict[str, str] = {}
    """Domains whose warehouse failed, and why."""
    files: list[ExportedFile]
    not_exported: dict[str, str] = {}
    """Marts without any good file yet, and why."""
    held_back: dict[str, str] = {}
    """Marts whose new files failed a check and were not put in place, and why."""

    @property
    def stale(self) -> list[ExportedFile]:
        """Files kept from an earlier run."""
        return [file for file in self.files if file.status == "stale"]


@dataclass(frozen=True)
class RunFacts:
    """What the manifest says of the run."""

    as_of: datetime
    run_started: datetime
    targets: Mapping[str, str]
    """Each domain that was built with its warehouse."""
    skipped_domains: Sequence[str] = ()
    failed_domains: Mapping[str, str] = field(default_factory=dict)
    """Domains whose warehouse failed, and why."""


def read_manifest(output_dir: Path) -> Manifest | None:
    """The manifest of an output folder; None where there is none that can be read."""
    try:
        return Manifest.model_validate_json((output_dir / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def check_writable(output_dir: Path) -> None:
    """Make the output folder.

    Raises:
        TieoutError: it cannot be made or written to.
    """
    probe = output_dir / ".tieout.probe"
    try:
        output_dir.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise TieoutError(
            f"The output folder {output_dir} cannot be written ({error.strerror}): "
            "free it or name another with --output-dir."
        ) from error


def export_marts(marts: Sequence[Mart], output_dir: Path, run: RunFacts, judge: Judge | None = None) -> Manifest:
    """Write every current mart and the manifest; stale ones keep their last good files.

    Args:
        marts: all marts of the domains built; `is_current` decides what is written.
        output_dir: an existing folder; the caller holds its lock.
        run: what the manifest says of the run.
        judge: the export gate; the files of a mart that it names stay back.

    Raises:
        TieoutError: a file cannot be written or put in place; no file is ever left half written.
    """
    earlier = read_manifest(output_dir)
    _remove_parts(output_dir)
    stale_reasons = {mart.name: mart.reason for mart in marts if not mart.is_current}
    with _parts(output_dir) as parts:
        written: list[ExportedFile] = []
        for mart in (mart for mart in marts if mart.is_current):
            started = time.perf_counter()
            files = _write_mart(mart, parts)
            written.extend(files)
            logs.event("export", mart=mart.name, rows=files[0].rows, seconds=time.perf_counter() - started)
        held_back = dict(judge(parts.by_mart(written))) if judge else {}
        stale_reasons |= held_back
        written = [file for file in written if file.mart not in held_back]
        blocked = parts.put_in_place({file.name for file in written})
    renewed = [file for file in written if file.name not in blocked]
    kept = _kept(earlier, output_dir, {file.name for file in renewed}, stale_reasons, blocked, run)
    files = sorted([*renewed, *kept], key=lambda file: file.name)
    known = {file.mart for file in files}
    manifest = Manifest(
        as_of=iso(run.as_of),
        run_started=iso(run.run_started),
        targets=dict(run.targets),
        domains=list(run.targets),
        skipped_domains=list(run.skipped_domains),
        failed_domains=dict(run.failed_domains),
        files=files,
        not_exported={name: reason for name, reason in stale_reasons.items() if name not in known},
        held_back=held_back,
    )
    with _parts(output_dir) as parts:
        parts.new(MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8", newline="\n")
        blocked |= parts.put_in_place({MANIFEST})
    if blocked:
        raise TieoutError(
            f"{output_dir / min(blocked)} is open in another program: close it and write it again with 'tieout export'."
        )
    return manifest


def write_csv_and_parquet(reader: pa.RecordBatchReader, csv_path: Path, parquet_path: Path) -> tuple[int, pa.Schema]:
    """Stream record batches into both files; gives the number of rows and the schema as written."""
    schema = pa.schema([pa.field(field.name, _plain_type(field.type)) for field in reader.schema])
    csv_schema = pa.schema([pa.field(field.name, _csv_type(field.type)) for field in schema])
    options = pyarrow.csv.WriteOptions(quoting_header="none")
    rows = 0
    with (
        csv_path.open("wb") as sink,
        pq.ParquetWriter(parquet_path, schema, compression="zstd") as parquet_writer,
    ):
        sink.write(_BOM)
        with pyarrow.csv.CSVWriter(sink, csv_schema, write_options=options) as csv_writer:
            for batch in _even(reader):
                plain = pa.RecordBatch.from_arrays(
                    [column.cast(field.type) for column, field in zip(batch.columns, schema, strict=True)],
                    schema=schema,
                )
                parquet_writer.write_batch(plain)
                cells = [_csv_cells(column) for column in plain.columns]
                csv_writer.write_batch(pa.RecordBatch.from_arrays(cells, schema=csv_schema))
                rows += batch.num_rows
    return rows, schema


def summary_text(row: Mapping[str, Any], as_of: datetime) -> str:
    """Render the one row of the daily summary for people; every figure is printed as the mart holds it."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("runner"),
        autoescape=False,  # noqa: S701 (plain text)
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("daily_ops_summary.txt.j2").render(sections=sections(row), as_of=as_of)


class _Parts:
    """Files being written under `.<name>.part` in the output folder, put in place together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, name: str) -> Path:
        return self._folder / f".{name}.part"

    def by_mart(self, files: Iterable[ExportedFile]) -> dict[str, list[Path]]:
        """The tables among the files being written, the Parquet file of each mart first."""
        tables: dict[str, list[Path]] = {}
        for file in files:
            if file.name.endswith(".parquet"):
                tables.setdefault(file.mart, []).insert(0, self.new(file.name))
            elif file.name.endswith(".csv"):
                tables.setdefault(file.mart, []).append(self.new(file.name))
        return tables

    def put_in_place(self, names: Iterable[str]) -> set[str]:
        """Rename these; gives the names of those whose place another program holds (Windows)."""
        blocked = set()
        for name in names:
            try:
                self.new(name).replace(self._folder / name)
            except PermissionError:
                blocked.add(name)
        return blocked


@contextmanager
def _parts(folder: Path) -> Iterator[_Parts]:
    parts = _Parts(folder)
    try:
        yield parts
    except OSError as error:
        raise TieoutError(
            f"The exports in {folder} cannot be written ({error.strerror or error}): "
            "make room or name another folder with --output-dir; the earlier files are untouched."
        ) from error
    finally:
        _remove_parts(folder)


def _remove_parts(folder: Path) -> None:
    for path in folder.glob(".*.part"):
        path.unlink(missing_ok=True)


def _write_mart(mart: Mart, parts: _Parts) -> list[ExportedFile]:
    csv_path, parquet_path = parts.new(f"{mart.name}.csv"), parts.new(f"{mart.name}.parquet")
    with mart.opened() as reader:
        rows, schema = write_csv_and_parquet(reader, csv_path, parquet_path)
    paths = {f"{mart.name}.csv": csv_path, f"{mart.name}.parquet": parquet_path}
    if mart.name == SUMMARY_MART and rows == 1:
        (row,) = pq.read_table(parquet_path).to_pylist()
        paths[SUMMARY_TEXT] = parts.new(SUMMARY_TEXT)
        paths[SUMMARY_TEXT].write_text(summary_text(row, mart.as_of), encoding="utf-8", newline="\n")
    columns = [Column(name=field.name, type=str(field.type)) for field in schema]
    return [
        ExportedFile(
            name=name,
            mart=mart.name,
            domain=mart.domain,
            status="current",
            as_of=iso(mart.as_of),
            rows=rows,
            columns=columns,
            sha256=_sha256(path),
        )
        for name, path in paths.items()
    ]


def _kept(
    earlier: Manifest | None,
    output_dir: Path,
    renewed: set[str],
    stale_reasons: Mapping[str, str],
    blocked: Iterable[str],
    run: RunFacts,
) -> list[ExportedFile]:
    """The files of earlier runs that still lie in the folder, marked stale."""
    kept = []
    for file in earlier.files if earlier else []:
        if file.name in renewed or not (output_dir / file.name).is_file():
            continue
        if file.name in blocked:
            reason = "it was open in another program"
        else:
            otherwise = run.failed_domains.get(file.domain, f"{file.domain} was not part of the run")
            reason = stale_reasons.get(file.mart, otherwise)
        since = file.stale_since or iso(run.as_of)
        kept.append(file.model_copy(update={"status": "stale", "reason": reason, "stale_since": since}))
    return kept


def _even(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Batches of one size: every engine cuts its own, and a Parquet file shows where."""
    held: list[pa.RecordBatch] = []
    for batch in reader:
        held.append(batch)
        while (rows := sum(part.num_rows for part in held)) >= BATCH_ROWS:
            table = pa.Table.from_batches(held)
            yield from table.slice(0, BATCH_ROWS).combine_chunks().to_batches()
            held = table.slice(BATCH_ROWS).to_batches() if rows > BATCH_ROWS else []
    if held:
        yield from pa.Table.from_batches(held).combine_chunks().to_batches()


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """The type a column is written with: no views, dictionaries or narrow decimals, which not every reader knows."""
    if pa.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_decimal(kind):
        return pa.decimal128(kind.precision, kind.scale)
    return kind


def _csv_type(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_timestamp(kind) else kind


def _csv_cells(column: pa.Array) -> pa.Array:
    if pa.types.is_string(column.type):
        return pc.if_else(
            pc.fill_null(pc.match_substring_regex(column, _FORMULA), False),
            pc.binary_join_element_wise("'", column, ""),
            column,
        )
    if pa.types.is_timestamp(column.type):
        # Whole seconds read better, and a spreadsheet shows .000000 as minutes; a fraction that is there stays.
        return pc.replace_substring_regex(pc.strftime(column, "%Y-%m-%d %H:%M:%S"), r"\.0+$", "")
    return column


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
