"""What lies in the output folder, and that it is whole or not there at all."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from runner import exports
from runner.errors import TieoutError
from runner.exports import Manifest, RunFacts, read_manifest
from runner.merged_marts import OpenWarehouse, marts_of
from runner.state import MartState, WarehouseState
from runner.warehouse import Span

AS_OF = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)
LATER = datetime(2026, 7, 31, 23, 59, 59, tzinfo=UTC)


class FakeWarehouse:
    """Serves tables from memory; a table given as an exception breaks after its first batch."""

    def __init__(self, **tables: pa.Table) -> None:
        self.tables = tables
        self.breaks: set[str] = set()

    def read_arrow(
        self,
        relation: str,
        order_by: Sequence[str],
        columns: Mapping[str, str] | None = None,  # noqa: ARG002
        span: Span | None = None,  # noqa: ARG002
    ) -> pa.RecordBatchReader:
        """Serve a table in two batches, ordered."""
        table = self.tables[relation]
        if order_by:
            table = table.sort_by([(column, "ascending") for column in order_by])

        def batches() -> Iterator[pa.RecordBatch]:
            yield from table.to_batches(max_chunksize=1)[:1]
            if relation in self.breaks:
                raise RuntimeError("the warehouse went away")
            yield from table.slice(1).to_batches(max_chunksize=1)

        return pa.RecordBatchReader.from_batches(table.schema, batches())

    def count_rows(self, relations: Sequence[str]) -> dict[str, int]:
        """Count rows."""
        return {relation: self.tables[relation].num_rows for relation in relations}


def mart(name: str = "costs", *, domain: str = "msp", as_of: datetime = AS_OF, reason: str = "") -> MartState:
    return MartState(
        name=name, domain=domain, relation=name, primary_key=["id"], is_current=not reason, reason=reason, as_of=as_of
    )


def facts(as_of: datetime = AS_OF, domains: Sequence[str] = ("msp",)) -> RunFacts:
    return RunFacts(as_of, datetime(2026, 7, 1, 8, tzinfo=UTC), dict.fromkeys(domains, "duckdb"))


def export_marts(warehouse: FakeWarehouse, marts: list[MartState], output_dir: Path, run: RunFacts) -> Manifest:
    return exports.export_marts(marts_of([opened(warehouse, marts)]), output_dir, run)


def opened(warehouse: FakeWarehouse, marts: list[MartState], target: str = "duckdb") -> OpenWarehouse:
    state = WarehouseState(
        run_started=AS_OF, as_of=AS_OF, domains=["msp", "revenue"], settings_relation="settings", marts=marts
    )
    return OpenWarehouse(target, warehouse, state)


def costs(*texts: str) -> pa.Table:
    return pa.table({"id": list(range(len(texts), 0, -1)), "note": pa.array(texts, pa.string())})


def entry(manifest: Manifest, name: str) -> Any:
    return next(file for file in manifest.files if file.name == name)


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_a_csv_starts_with_a_bom_and_is_ordered_by_the_primary_key(tmp_path: Path) -> None:
    export_marts(FakeWarehouse(costs=costs("second", "first")), [mart()], tmp_path, facts())

    assert (tmp_path / "costs.csv").read_bytes() == b'\xef\xbb\xbfid,note\n1,"first"\n2,"second"\n'


def test_an_empty_mart_still_has_its_header(tmp_path: Path) -> None:
    export_marts(FakeWarehouse(costs=costs()), [mart()], tmp_path, facts())

    assert cells(tmp_path / "costs.csv") == [["id", "note"]]
    assert pq.read_table(tmp_path / "costs.parquet").num_rows == 0


@pytest.mark.parametrize("text", ["=1+1", "+44 20", "-2 days", "@sum(a1)", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_is_defused_in_the_csv_only(tmp_path: Path, text: str) -> None:
    export_marts(FakeWarehouse(costs=costs(text)), [mart()], tmp_path, facts())

    assert cells(tmp_path / "costs.csv")[1] == ["1", f"'{text}"]
    assert pq.read_table(tmp_path / "costs.parquet").column("note").to_pylist() == [text]


def test_other_cells_stand_as_they_are(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": [1],
            "amount": pa.array([Decimal("-12.50")], pa.decimal128(18, 2)),
            "day": pa.array([date(2026, 6, 30)]),
            "whole": pa.array([datetime(2026, 6, 30, 23, 59, 59)], pa.timestamp("us")),
            "fraction": pa.array([datetime(2026, 6, 30, 23, 59, 59, 250000)], pa.timestamp("us")),
            "flag": [True],
            "nothing": pa.array([None], pa.string()),
            "inside": ['a=1, "b"\nc'],
        }
    )
    export_marts(FakeWarehouse(costs=table), [mart()], tmp_path, facts())

    assert cells(tmp_path / "costs.csv")[1] == [
        "1",
        "-12.50",
        "2026-06-30",
        "2026-06-30 23:59:59",
        "2026-06-30 23:59:59.250000",
        "true",
        "",
        'a=1, "b"\nc',
    ]


def test_a_writer_that_dies_midway_leaves_the_earlier_files_untouched(tmp_path: Path) -> None:
    warehouse = FakeWarehouse(costs=costs("a", "b"), other=costs("a", "b"))
    export_marts(warehouse, [mart(), mart("other")], tmp_path, facts())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    warehouse.tables["costs"] = costs("c", "d")
    warehouse.breaks.add("other")
    with pytest.raises(RuntimeError, match="went away"):
        export_marts(warehouse, [mart(as_of=LATER), mart("other", as_of=LATER)], tmp_path, facts(LATER))

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        export_marts(FakeWarehouse(costs=costs("a", "=b")), [mart()], tmp_path / folder, facts())

    one = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert one == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}


def test_files_do_not_show_in_what_pieces_the_rows_came(tmp_path: Path) -> None:
    schema = pa.schema([("id", pa.int64()), ("note", pa.string())])
    rows = pa.table({"id": range(250_001), "note": ["x"] * 250_001}, schema=schema)
    for name, size in (("one", 250_001), ("two", 2_048), ("three", 100_352)):
        reader = pa.RecordBatchReader.from_batches(schema, rows.to_batches(max_chunksize=size))
        count, _ = exports.write_csv_and_parquet(reader, tmp_path / f"{name}.csv", tmp_path / f"{name}.parquet")
        assert count == 250_001
    for name in ("two", "three"):
        assert (tmp_path / f"{name}.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
        assert (tmp_path / f"{name}.parquet").read_bytes() == (tmp_path / "one.parquet").read_bytes()


def test_the_manifest_describes_every_file(tmp_path: Path) -> None:
    manifest = export_marts(FakeWarehouse(costs=costs("a", "b")), [mart()], tmp_path, facts())

    assert manifest == read_manifest(tmp_path)
    assert json.loads((tmp_path / "manifest.json").read_text())["as_of"] == "2026-06-30T23:59:59Z"
    assert [file.name for file in manifest.files] == ["costs.csv", "costs.parquet"]
    for file in manifest.files:
        assert file.rows == 2
        assert [(column.name, column.type) for column in file.columns] == [("id", "int64"), ("note", "string")]
        assert file.sha256 == hashlib.sha256((tmp_path / file.name).read_bytes()).hexdigest()
        assert (file.status, file.as_of) == ("current", "2026-06-30T23:59:59Z")


def test_a_mart_whose_test_failed_keeps_its_last_good_file_marked_stale(tmp_path: Path) -> None:
    export_marts(FakeWarehouse(costs=costs("good")), [mart()], tmp_path, facts())
    good = (tmp_path / "costs.csv").read_bytes()

    manifest = export_marts(
        FakeWarehouse(costs=costs("bad")),
        [mart(as_of=LATER, reason="its test unique_costs_id failed")],
        tmp_path,
        facts(LATER),
    )

    assert (tmp_path / "costs.csv").read_bytes() == good
    kept = entry(manifest, "costs.csv")
    assert (kept.status, kept.as_of) == ("stale", "2026-06-30T23:59:59Z")
    assert kept.reason == "its test unique_costs_id failed"
    assert kept.sha256 == hashlib.sha256(good).hexdigest()


def test_a_mart_that_never_passed_is_named_as_not_exported(tmp_path: Path) -> None:
    manifest = export_marts(FakeWarehouse(), [mart(reason="could not be built")], tmp_path, facts())

    assert manifest.not_exported == {"costs": "could not be built"}
    assert not (tmp_path / "costs.csv").exists()


def test_a_file_of_a_domain_that_is_not_part_of_this_run_never_passes_for_current(tmp_path: Path) -> None:
    warehouse = FakeWarehouse(costs=costs("a"), deals=costs("b"))
    export_marts(warehouse, [mart(), mart("deals", domain="revenue")], tmp_path, facts(domains=("msp", "revenue")))

    manifest = export_marts(warehouse, [mart(as_of=LATER)], tmp_path, facts(LATER))

    kept = entry(manifest, "deals.csv")
    assert (kept.status, kept.as_of) == ("stale", "2026-06-30T23:59:59Z")
    assert "revenue was not part of the run" in kept.reason
    assert entry(manifest, "costs.csv").as_of == "2026-07-31T23:59:59Z"


def test_a_stale_file_that_somebody_deleted_is_no_longer_listed(tmp_path: Path) -> None:
    export_marts(FakeWarehouse(costs=costs("a")), [mart()], tmp_path, facts())
    (tmp_path / "costs.csv").unlink()

    manifest = export_marts(FakeWarehouse(), [], tmp_path, facts(LATER))

    assert [file.name for file in manifest.files] == ["costs.parquet"]


def test_a_file_open_in_a_spreadsheet_is_named_and_marked_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_marts(FakeWarehouse(costs=costs("a")), [mart()], tmp_path, facts())
    replace = Path.replace

    def refuse_csv(self: Path, target: Path) -> Path:
        if Path(target).suffix == ".csv":
            raise PermissionError(13, "in use")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse_csv)
    with pytest.raises(TieoutError, match=r"costs\.csv is open in another program"):
        export_marts(FakeWarehouse(costs=costs("b")), [mart(as_of=LATER)], tmp_path, facts(LATER))

    manifest = read_manifest(tmp_path)
    assert manifest is not None
    assert entry(manifest, "costs.csv").status == "stale"
    assert entry(manifest, "costs.parquet").status == "current"


def test_the_summary_for_people_holds_the_figures_of_its_mart(tmp_path: Path) -> None:
    summary = pa.table({"id": [1], "open_backlog": [370], "growth_pct": pa.array([Decimal("-0.14")])})
    export_marts(
        FakeWarehouse(daily_ops_summary=summary),
        [mart("daily_ops_summary", domain="operations")],
        tmp_path,
        facts(),
    )

    text = (tmp_path / "daily_ops_summary.txt").read_text(encoding="utf-8")
    assert "2026-06-30 23:59:59 UTC" in text
    assert "370" in text
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    assert entry(manifest, "daily_ops_summary.txt").status == "current"
