"""One deployment, several warehouses: each domain built where it lives, and what comes out put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from small_project import SmallProject
from typer.testing import CliRunner

from runner.cli import app
from runner.errors import WarehouseError
from runner.merged_marts import Mart, OpenWarehouse, marts_of
from runner.state import MartState, WarehouseState
from runner.warehouse import DuckDBWarehouse, GuardedWarehouse, Span

NOW = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)

PROFILES = """
tieout:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: "{{ env_var('TIEOUT_DUCKDB_PATH') }}", schema: main, threads: 1}
    second: {type: duckdb, path: "%s", schema: main, threads: 1}
    again: {type: duckdb, path: "{{ env_var('TIEOUT_DUCKDB_PATH') }}", schema: main, threads: 2}
"""

SPLIT = "targets:\n  msp: duckdb\n  revenue: second\n"

# One row a domain; and one row for all, with a column a domain and a count over all.
ROWS = """
{% for domain in enabled_domains() if domain != 'support' -%}
select '{{ domain }}' as id, 'of {{ domain }}' as seen {{ 'union all' if not loop.last }}
{% endfor %}
"""
SUMMARY = """
select
    cast('2026-06-30' as date) as id,
    cast({{ '11.50' if 'msp' in enabled_domains() else 'null' }} as decimal(18, 2)) as msp_amount,
    cast({{ '7' if 'revenue' in enabled_domains() else 'null' }} as integer) as revenue_deals,
    {{ (enabled_domains() | reject('equalto', 'support') | list | length) }} as alerts_info
"""
SUMMARY_YAML = """
version: 2
models:
  - name: daily_ops_summary
    config: {contract: {enforced: true}, meta: {primary_key: [id], summed_across_warehouses: [alerts_info]}}
    columns:
      - {name: id, data_type: date}
      - {name: msp_amount, data_type: "decimal(18,2)"}
      - {name: revenue_deals, data_type: integer}
      - {name: alerts_info, data_type: integer}
"""


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    """The project in one warehouse."""
    project = SmallProject(tmp_path_factory.mktemp("several") / "single")
    (project.root / "models" / "marts" / "operations" / "domains_seen.sql").unlink()
    (project.root / "models" / "marts" / "operations" / "domains_seen.yml").unlink()
    project.mart("operations", "domain_rows", ROWS)
    project.mart("operations", "daily_ops_summary", SUMMARY)
    project.write("models/marts/operations/daily_ops_summary.yml", SUMMARY_YAML)
    project.write("profiles.yml", PROFILES % (project.root / "w" / "second.duckdb").as_posix())
    project.run()
    return project


@pytest.fixture(scope="module")
def built_apart(single: SmallProject, tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    """The same project in two warehouses, run once; to copy from."""
    project = single.copied_to(tmp_path_factory.mktemp("apart") / "project")
    project.write("profiles.yml", PROFILES % (project.root / "w" / "second.duckdb").as_posix())
    project.write("tieout.yml", SPLIT)
    for file in project.output_dir.iterdir():
        file.unlink()
    project.run()
    return project


@pytest.fixture
def apart(built_apart: SmallProject, tmp_path: Path) -> SmallProject:
    project = built_apart.copied_to(tmp_path / "project")
    project.write("profiles.yml", PROFILES % (project.root / "w" / "second.duckdb").as_posix())
    return project


def files(project: SmallProject) -> dict[str, bytes]:
    kept = {path.name: path.read_bytes() for path in project.output_dir.iterdir() if path.suffix in {".csv", ".txt"}}
    return kept | {path.name: path.read_bytes() for path in project.output_dir.glob("*.parquet")}


def test_two_warehouses_give_the_files_of_one_to_the_byte(single: SmallProject, built_apart: SmallProject) -> None:
    assert files(built_apart) == files(single)
    assert len(files(single)) == 9
    assert b"11.50,7,2\n" in files(built_apart)["daily_ops_summary.csv"]
    with duckdb.connect(str(built_apart.root / "w" / "second.duckdb"), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("select table_name from information_schema.tables").fetchall()}
    assert "deal_values" in tables
    assert "task_costs" not in tables
    manifest = built_apart.manifest()
    assert manifest.targets == {"msp": "duckdb", "revenue": "second"}
    assert manifest.skipped_domains == []


def test_a_warehouse_that_fails_costs_the_others_nothing(apart: SmallProject) -> None:
    before = files(apart)
    (apart.root / "w" / "second.duckdb").write_text("no database", encoding="utf-8")
    apart.put("service_desk/service_tasks", "3,3.75")
    result = apart.run(code=1, as_of="2026-07-31T00:00:00Z")
    assert "Target second failed, what it holds is not renewed:" in result.output
    assert "Not renewed: deal_values (target second failed)." in result.output
    after = files(apart)
    assert b"3.75" in after["task_costs.csv"]
    assert after["deal_values.csv"] == before["deal_values.csv"]
    assert apart.status("deal_values.csv") == ("stale", "2026-06-30T23:59:59Z")
    assert apart.status("task_costs.csv") == ("current", "2026-07-31T00:00:00Z")
    assert after["domain_rows.csv"].decode("utf-8-sig") == 'id,seen\n"msp","of msp"\n'
    assert apart.manifest().failed_domains == {"revenue": "target second failed"}

    apart.warehouse.write_text("no database", encoding="utf-8")
    assert len(apart.run(code=2).stderr.strip().splitlines()) == 1
    assert files(apart) == after, "where all fail the exports stay"


def test_a_warehouse_that_breaks_off_while_it_is_read_is_left_out(
    apart: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = DuckDBWarehouse.read_arrow

    def breaking(
        self: DuckDBWarehouse,
        relation: str,
        order_by: Sequence[str],
        columns: Mapping[str, str] | None = None,
        span: Span | None = None,
    ) -> pa.RecordBatchReader:
        if "deal_values" in relation:
            raise duckdb.IOException("the line is dead")
        return read(self, relation, order_by, columns, span)

    monkeypatch.setattr(DuckDBWarehouse, "read_arrow", breaking)
    result = apart.command("export")
    assert result.exit_code == 1
    assert "Target second failed" in result.output
    assert "the line is dead" in result.output
    assert apart.status("deal_values.csv")[0] == "stale"
    assert apart.status("task_costs.csv")[0] == "current"


def test_a_domain_without_files_is_skipped_wherever_it_lives(apart: SmallProject) -> None:
    (apart.raw / "analytics" / "deals.csv").unlink()
    result = apart.run()
    assert "Domain revenue is skipped: none of its files are there (analytics/deals)." in result.output
    assert apart.manifest().targets == {"msp": "duckdb"}
    before = files(apart)
    result = apart.command("export")
    assert result.exit_code == 0, result.output
    assert files(apart) == before
    assert apart.status("deal_values.csv")[0] == "stale"


def test_parity_takes_all_warehouses_of_the_file_as_one_side(apart: SmallProject) -> None:
    result = apart.command("parity", "tieout.yml", "tieout.yml")
    assert result.exit_code == 0, result.output
    assert "4 marts as of 2026-06-30T23:59:59Z: 4 the same, 0 not." in result.output
    result = apart.command("parity", "duckdb", "tieout.yml")
    assert result.exit_code == 1
    assert "only one of the two has it" in result.output
    assert "1 the same, 3 not." in result.output


def test_a_target_given_by_hand_takes_all_domains_and_not_those_that_live_elsewhere(apart: SmallProject) -> None:
    apart.run("--target", "duckdb")
    assert apart.manifest().targets == {"msp": "duckdb", "revenue": "duckdb"}
    result = apart.command("export")
    assert result.exit_code == 2
    assert "Target duckdb was last built with revenue, which lives elsewhere now" in result.output


def test_one_warehouse_under_two_names_is_refused(apart: SmallProject) -> None:
    apart.write("tieout.yml", SPLIT.replace("second", "again"))
    (sentence,) = apart.run(code=2).stderr.strip().splitlines()
    assert "Targets duckdb and again are the same warehouse" in sentence


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("targets:\n  sales: duckdb\n", "at targets.sales"),
        ("targets:\n  msp: ''\n", "at targets.msp"),
        ("targets: {}\n", "at targets"),
        ("target:\n  msp: duckdb\n", "at targets"),
        ("", "tieout.yml does not fit"),
        ("targets: [", "tieout.yml cannot be read"),
        ("targets: {support: duckdb}\n", "Domain 'msp' (--select-domain, TIEOUT_SELECT_DOMAIN) has no target"),
        ("targets: {msp: nowhere}\n", "Target 'nowhere' (--target, TIEOUT_TARGET) is not in profiles.yml"),
    ],
)
def test_a_file_that_does_not_fit_is_one_sentence(apart: SmallProject, text: str, says: str) -> None:
    apart.write("tieout.yml", text)
    (sentence,) = apart.run("--select-domain", "msp", code=2).stderr.strip().splitlines()
    assert says in sentence


def test_the_doctor_names_each_warehouse(apart: SmallProject) -> None:
    environment = {
        "TIEOUT_PROJECT_DIR": str(apart.root),
        "TIEOUT_DUCKDB_PATH": str(apart.warehouse),
        "TIEOUT_RAW_DIR": str(apart.raw),
        "COLUMNS": "200",
    }
    output = CliRunner().invoke(app, ["doctor"], env=environment).output
    assert "duckdb (duckdb) from profiles.yml, for msp" in output
    assert "second (duckdb) from profiles.yml, for revenue" in output


class Rows:
    """A warehouse with one table in memory."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

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


def merged(*tables: pa.Table, summed: Sequence[str] = ()) -> list[dict[str, Any]]:
    mart = Mart("m", "operations", NOW, ["id"], {}, summed, [(Rows(table), "m") for table in tables])
    with mart.opened() as reader:
        assert reader.schema == tables[0].schema
        rows: list[dict[str, Any]] = reader.read_all().to_pylist()
    return rows


def test_rows_of_all_warehouses_are_ordered_by_code_point() -> None:
    first = pa.table({"id": ["a", "é"], "flag": [True, None]})
    second = pa.table({"id": ["Z", "b"], "flag": [False, True]})
    assert [row["id"] for row in merged(first, second)] == ["Z", "a", "b", "é"]


def test_a_mart_is_current_where_all_its_parts_are() -> None:
    rows = Rows(pa.table({"id": ["a"]}))
    parts = [
        MartState(name="alerts", domain="operations", relation="a", primary_key=["id"], is_current=True, as_of=NOW),
        MartState(
            name="alerts",
            domain="operations",
            relation="a",
            primary_key=["id"],
            is_current=False,
            reason="its test x failed",
            as_of=NOW,
        ),
    ]
    opened = [
        OpenWarehouse(
            target,
            rows,
            WarehouseState(run_started=NOW, as_of=NOW, domains=[], settings_relation="s", marts=[part]),
        )
        for target, part in zip(("one", "two"), parts, strict=True)
    ]
    (mart,) = marts_of(opened)
    assert (mart.is_current, mart.reason) == (False, "its test x failed")


def test_one_row_of_many_columns_is_laid_over() -> None:
    money = pa.decimal128(18, 2)
    schema = pa.schema(
        [("id", pa.date32()), ("msp", money), ("support", pa.bool_()), ("alerts", pa.int64()), ("nobody", pa.string())]
    )
    day = NOW.date()
    rows: list[list[Any]] = [[day, Decimal("0.10"), None, 3, None], [day, None, False, 4, None]]
    tables = [pa.table([[value] for value in row], schema=schema) for row in rows]
    assert merged(*tables, summed=["alerts"]) == [
        {"id": day, "msp": Decimal("0.10"), "support": False, "alerts": 7, "nobody": None}
    ]


def test_whatever_breaks_in_a_warehouse_is_one_sentence_with_its_target() -> None:
    class Broken(Rows):
        def read_arrow(
            self,
            relation: str,
            order_by: Sequence[str],
            columns: Mapping[str, str] | None = None,
            span: Span | None = None,
        ) -> pa.RecordBatchReader:
            """Break after the first batch."""
            reader = super().read_arrow(relation, order_by, columns, span)

            def batches() -> Iterator[Any]:
                yield from self.table.to_batches()
                raise duckdb.IOException("the line is dead\nand more")

            return pa.RecordBatchReader.from_batches(reader.schema, batches())

    reader = GuardedWarehouse(Broken(pa.table({"id": [1]})), "second", duckdb.Error).read_arrow("marts.costs", ["id"])
    with pytest.raises(WarehouseError, match=r"broke off while marts\.costs was read \(.*the line is dead\)") as caught:
        reader.read_all()
    assert caught.value.target == "second"
