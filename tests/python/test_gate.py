"""The export gate: a file that is not fit to be read never takes the place of one that is."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Built

from runner import exports
from runner.alerts.run_report import report_build
from runner.build import BuildResult
from runner.errors import SettingError, TieoutError
from runner.gate import files, gate
from runner.gate.suites import suite
from runner.gate.worker import Checks, MartFiles, Request

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def nodes(built: Built) -> Mapping[str, Any]:
    path = built.warehouse.with_suffix(".dbt") / "manifest.json"
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["nodes"]
    return found


@pytest.fixture
def checks() -> Checks:
    return Checks()


@pytest.fixture
def judged(
    checks: Checks, nodes: Mapping[str, Any], built: Built, tmp_path: Path
) -> Callable[[str, Callable[[Path, Path], None]], str]:
    """Damages copies of a mart's files and gives the reason they stay back."""

    def judge(mart: str, damage: Callable[[Path, Path], None]) -> str:
        parquet, csv = tmp_path / f".{mart}.parquet.part", tmp_path / f".{mart}.csv.part"
        shutil.copy(built.output_dir / f"{mart}.parquet", parquet)
        shutil.copy(built.output_dir / f"{mart}.csv", csv)
        damage(parquet, csv)
        asked = MartFiles(mart=mart, paths=[parquet, csv], expectations=suite(nodes, mart, PROJECT))
        return checks.answer(Request(marts=[asked])).failed.get(mart, "")

    return judge


Judged = Callable[[str, Callable[[Path, Path], None]], str]


def _both(change: Callable[[pa.Table], pa.Table]) -> Callable[[Path, Path], None]:
    """Write both files anew from a changed table."""

    def damage(parquet: Path, csv: Path) -> None:
        table = change(pq.ParquetFile(parquet).read())
        exports.write_csv_and_parquet(pa.RecordBatchReader.from_batches(table.schema, table.to_batches()), csv, parquet)

    return damage


def _with(column: str, row: int, value: object) -> Callable[[Path, Path], None]:
    def change(table: pa.Table) -> pa.Table:
        values = table[column].to_pylist()
        values[row] = value
        return table.set_column(
            table.schema.get_field_index(column), column, pa.array(values, table.schema.field(column).type)
        )

    return _both(change)


def test_a_run_checks_every_file_and_documents_it(built: Built) -> None:
    manifest = exports.read_manifest(built.output_dir)
    assert manifest is not None
    assert manifest.held_back == {}
    documented = {path.stem for path in (built.output_dir / gate.DOCS / "expectations").glob("*.html")}
    assert {f"{file.mart}-{kind}" for file in manifest.files for kind in ("csv", "parquet")} <= documented
    assert (built.output_dir / gate.DOCS / "index.html").is_file()


def test_every_mart_is_expected_to_have_its_columns_and_its_key(built: Built, nodes: Mapping[str, Any]) -> None:
    manifest = exports.read_manifest(built.output_dir)
    assert manifest is not None
    for file in manifest.files:
        if not file.name.endswith(".parquet"):
            continue
        expected = suite(nodes, file.mart, PROJECT)
        (columns,) = (one["column_list"] for one in expected if one["type"].startswith("expect_table_columns"))
        assert columns == [column.name for column in file.columns]
        assert any("unique" in one["type"] for one in expected), file.mart


def test_every_file_of_expectations_belongs_to_a_mart(nodes: Mapping[str, Any]) -> None:
    marts = {node["name"] for node in nodes.values() if node["original_file_path"].startswith("models/marts/")}
    assert {path.stem for path in (PROJECT / "expectations").glob("*.yml")} <= marts


def test_tests_of_a_mart_become_expectations(nodes: Mapping[str, Any]) -> None:
    expected = suite(nodes, "alerts", PROJECT)
    assert {
        "type": "expect_column_values_to_be_in_set",
        "column": "severity",
        "value_set": ["info", "warning", "critical"],
    } in expected
    scores = suite(nodes, "data_quality_score", PROJECT)
    assert {
        "type": "expect_column_values_to_be_between",
        "column": "score",
        "min_value": 0,
        "max_value": 100,
    } in scores


def test_good_files_pass(judged: Judged) -> None:
    assert judged("rpt_msp_invoice_variance", lambda _parquet, _csv: None) == ""


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize(
    ("mart", "damage", "reason"),
    [
        (
            "rpt_msp_invoice_variance",
            _with("cause", 3, "bogus"),
            "cause holds a value that is not allowed in 1 rows, such as bogus",
        ),
        ("rpt_msp_invoice_variance", _with("environment", 3, None), "environment is empty in 1 rows"),
        ("rpt_msp_invoice_variance", _with("variance_gbp", 0, None), "variance_gbp is empty"),
        (
            "rpt_msp_invoice_variance",
            _both(lambda table: pa.concat_tables([table.slice(0, 1), table])),
            "billing_month, environment, tier repeat in 2 rows",
        ),
        ("sla_summary", _with("compliance_pct", 0, 83), "compliance_pct is out of its range in 1 rows, such as 83.0"),
        ("rpt_revenue_recovery", _with("open_count", 0, -1), "open_count is out of its range"),
        ("alerts", _with("severity", 0, "fatal"), "severity holds a value that is not allowed"),
        ("alerts", _both(lambda table: table.drop_columns(["message"])), "the columns are not those of the contract"),
        (
            "alerts",
            _both(lambda table: table.select(table.column_names[::-1])),
            "the columns are not those of the contract",
        ),
        ("daily_ops_summary", _both(lambda table: table.slice(0, 0)), "the number of rows is not what it must be"),
        ("alerts", lambda parquet, _csv: _cut(parquet), "cannot be read back"),
        ("alerts", lambda _parquet, csv: _cut(csv), "cannot be read back"),
        (
            "sla_summary",
            lambda _parquet, csv: csv.write_bytes(csv.read_bytes().replace(b",1.000000,", b",all of them,")),
            "cannot be read back",
        ),
    ],
)
def test_damage_is_found_and_named(
    judged: Judged, mart: str, damage: Callable[[Path, Path], None], reason: str
) -> None:
    found = judged(mart, damage)
    assert found.startswith("its new file failed a check: ")
    assert reason in found


def test_a_csv_with_fewer_rows_than_the_parquet_file_stays_back(judged: Judged) -> None:
    def drop_the_last_row(_parquet: Path, csv: Path) -> None:
        lines = csv.read_bytes().splitlines(keepends=True)
        csv.write_bytes(b"".join(lines[:-1]))

    assert "the .csv file holds" in judged("sla_summary", drop_the_last_row)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 21, 100])
def test_pieces_hold_every_row_once_and_the_last_of_the_piece_before(tmp_path: Path, suffix: str, count: int) -> None:
    schema = pa.schema([("key", pa.int64()), ("amount", pa.decimal128(18, 2))])
    table = pa.table({"key": list(range(count)), "amount": [None] * count}, schema=schema)
    paths = {"csv": tmp_path / "t.csv", "parquet": tmp_path / "t.parquet"}
    reader = pa.RecordBatchReader.from_batches(schema, table.to_batches())
    exports.write_csv_and_parquet(reader, paths["csv"], paths["parquet"])
    pieces = [list(frame["key"]) for frame in files.frames(paths[suffix], schema, rows_at_once=10)]
    assert [key for number, piece in enumerate(pieces) for key in piece[bool(number) :]] == list(range(count))
    assert all(after[0] == before[-1] for before, after in itertools.pairwise(pieces))
    assert all(len(piece) <= 11 for piece in pieces)


def test_a_key_repeated_across_two_pieces_is_found(
    checks: Checks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pa.table({"key": pa.array([*range(10), 9, *range(10, 15)], pa.int64())})
    path = tmp_path / ".keys.parquet.part"
    pq.write_table(table, path)
    monkeypatch.setattr(files.frames, "__defaults__", (10,))
    unique = {"type": "expect_column_values_to_be_unique", "column": "key"}
    answer = checks.answer(Request(marts=[MartFiles(mart="keys", paths=[path], expectations=[unique])]))
    assert "key repeats in 2 rows, such as 9" in answer.failed["keys"]


def test_a_file_held_back_leaves_the_last_good_one_marked_as_old(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runner import run, settings
    from runner.screen import screen

    folder = Path(shutil.copytree(built.output_dir, tmp_path / "exports"))
    (folder / "sla_summary.csv").write_text("the last good one", encoding="utf-8")
    monkeypatch.setenv("TIEOUT_DUCKDB_PATH", str(built.warehouse))
    before = exports.read_manifest(folder)
    assert before is not None

    def judge(tables: Mapping[str, Sequence[Path]]) -> dict[str, str]:
        assert [path.name for path in tables["sla_summary"]] == [".sla_summary.parquet.part", ".sla_summary.csv.part"]
        assert all(path.is_file() for paths in tables.values() for path in paths)
        return {"sla_summary": "it failed a check", "alerts": "it failed a check"}

    monkeypatch.setattr(run, "_gate", lambda *_: _given(judge))
    for name in ("alerts.csv", "alerts.parquet"):
        (folder / name).unlink()
    assert run.export(settings.resolve(output_dir=folder), screen()) == run.DATA_FAILED
    after = exports.read_manifest(folder)
    assert after is not None
    assert after.held_back == {"sla_summary": "it failed a check", "alerts": "it failed a check"}
    assert {file.name for file in after.stale} == {"sla_summary.csv", "sla_summary.parquet"}
    assert {(file.reason, file.stale_since, file.as_of) for file in after.stale} == {
        ("it failed a check", after.as_of, before.as_of)
    }
    assert after.not_exported == {"alerts": "it failed a check"}
    assert (folder / "sla_summary.csv").read_text(encoding="utf-8") == "the last good one"
    assert not list(folder.glob(".*.part"))


def _given(judge: gate.Judge) -> Any:
    from contextlib import nullcontext

    return nullcontext(judge)


def test_it_can_be_switched_off_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(gate.SWITCH, "off")
    assert not gate.is_on()
    monkeypatch.setenv(gate.SWITCH, "")
    assert gate.is_on()
    monkeypatch.setenv(gate.SWITCH, "maybe")
    with pytest.raises(SettingError, match="give on or off"):
        gate.is_on()
    monkeypatch.setenv(gate.SWITCH, "on")
    monkeypatch.setattr(gate, "find_spec", lambda _name: None)
    with pytest.raises(SettingError, match="is not installed"):
        gate.is_on()


def test_a_check_that_dies_lets_nothing_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dies.py").write_text("import sys; sys.stdin.read(); sys.exit(7)", encoding="utf-8")
    monkeypatch.setattr(gate, "WORKER", (str(tmp_path / "dies.py"),))
    with (
        pytest.raises(TieoutError, match=r"could not be checked \(exit code 7"),
        gate.opened(PROJECT, tmp_path, tmp_path, dict) as judge,
    ):
        judge({})


def test_expectations_that_cannot_be_read_are_named(tmp_path: Path, nodes: Mapping[str, Any]) -> None:
    (tmp_path / "expectations").mkdir()
    (tmp_path / "expectations" / "alerts.yml").write_text("mart: other\nexpectations: []\n", encoding="utf-8")
    with pytest.raises(SettingError, match="must name the mart alerts"):
        suite(nodes, "alerts", tmp_path)


def test_a_mart_held_back_is_an_alert_about_its_domain(built: Built, nodes: Mapping[str, Any]) -> None:
    result = BuildResult((), {"nodes": nodes})
    report = report_build(built.as_of, ["support"], [], [result], {}, {"sla_summary": "its new file failed a check: x"})
    (condition,) = report.conditions
    assert (condition.alert_key, condition.data_domain) == ("operations:export_held_back:sla_summary", "support")
    assert "sla_summary was not exported, its last good files stay in place: its new file" in condition.message


def test_a_log_that_cannot_be_written_is_no_reason_to_go_without_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logs").touch()
    monkeypatch.setattr(gate, "WORKER", ("-c", 'import sys; sys.stdin.read(); print(\'{"failed": {"a": "b"}}\')'))
    with gate.opened(tmp_path, tmp_path, tmp_path / "logs", dict) as judge:
        assert judge({}) == {"a": "b"}
