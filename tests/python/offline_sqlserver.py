"""Run dbt for SQL Server without a server: every statement is recorded, none is sent.

    python offline_sqlserver.py CATALOG FOLDER DBT_ARGUMENT...

Builds twice. On the first run no relation is there yet; on the second all are: incremental models and snapshots take
their second turn, and tests and unit tests run as well. Views and tables are told the same then as on the first run.

CATALOG is a JSON file, {schema: {relation: {"type": "table" | "view", "columns": [[name, type], ...], "rows": [...]}}},
what the server would say the relations are; rows only where dbt asks for them. FOLDER gets first.jsonl and
second.jsonl: one statement a line, and the node it was for.
"""

from __future__ import annotations

import gc
import json
import re
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt.adapters.contracts.connection import ConnectionState
from dbt.adapters.sqlserver.sqlserver_adapter import SQLServerAdapter
from dbt.adapters.sqlserver.sqlserver_connections import SQLServerConnectionManager
from dbt.cli.main import dbtRunner
from dbt_common.events.contextvars import get_node_info

Catalog = dict[str, dict[str, dict[str, Any]]]


# What a statement answers where dbt insists on an answer: how its columns are called, and its rows.
_ANSWERS: dict[str, tuple[tuple[str, ...], list[tuple[object, ...]]]] = {
    " as should_error": (("failures", "should_warn", "should_error"), [(0, "false", "false")]),
    "marker_count": (("marker_count",), [(0,)]),
    # Every row is unseen: that is where a statement is longest.
    "as first_build": (("seen_build", "first_build", "last_build"), [(None, 0, 0)]),
    "dbt_internal_unit_test_actual": (("actual_or_expected",), []),
}


_RUNS = {
    "first": ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
    "second": (
        "--select",
        "config.materialized:incremental",
        "resource_type:snapshot",
        "test_type:data",
        "test_type:unit",
    ),
}


@dataclass
class _Run:
    record: Path
    finds_relations: bool


class _Handle:
    """A connection that records what it is told and finds nothing."""

    autocommit = True

    def __init__(self, catalog: Catalog, run: _Run) -> None:
        self._catalog, self._run = catalog, run

    def cursor(self) -> _Cursor:
        return _Cursor(self._catalog, self._run.record)

    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def close(self) -> None: ...


class _Cursor:
    rowcount = 0

    def __init__(self, catalog: Catalog, record: Path) -> None:
        self._catalog, self._record = catalog, record
        self._rows: list[tuple[object, ...]] = []
        self.description: list[tuple[str, type[str]]] = []

    def execute(self, sql: str, *_: object) -> None:
        line = json.dumps({"node": get_node_info().get("unique_id", ""), "sql": sql})
        with _LOCK, self._record.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        for mark, (columns, rows) in _ANSWERS.items():
            if mark in sql:
                self.description = [(column, str) for column in columns]
                self._rows = rows
        if "sp_describe_first_result_set" in sql:  # of a snapshot's query
            self.description = [("name", str)]
            self._rows = [(column,) for column in _snapshot_columns(self._catalog)]
        asks_for_rows = sql.startswith("select rule_position")  # the text rules, which a model writes into its SQL
        if asks_for_rows or "__dbt_sbq" in sql:
            schema, name = re.findall(r'"([^"]+)"\."([^"]+)"(?!\.)', sql)[-1]
            held = self._catalog.get(schema, {}).get(name, {})
            self.description = [(column, str) for column, _ in held.get("columns", [])]
            self._rows = [tuple(row) for row in held.get("rows", [])] if asks_for_rows else []

    def fetchall(self) -> list[tuple[object, ...]]:
        return self._rows

    def fetchmany(self, _: int = 1) -> list[tuple[object, ...]]:
        return []

    def nextset(self) -> bool:
        return False

    def close(self) -> None: ...


_LOCK = threading.Lock()


def _snapshot_columns(catalog: Catalog) -> list[str]:
    """What the query of the snapshot that is being built selects: what is in its table but for what dbt adds to it."""
    name = get_node_info()["unique_id"].rsplit(".", 1)[-1]
    (held,) = (relations[name] for relations in catalog.values() if name in relations)
    return [column for column, _ in held["columns"] if column not in _OF_DBT]


_OF_DBT = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")


def _install(catalog: Catalog, run: _Run) -> None:
    def open_connection(_: type[object], connection: Any) -> Any:
        connection.handle = _Handle(catalog, run)
        connection.state = ConnectionState.OPEN
        return connection

    def list_relations(self: Any, schema_relation: Any) -> list[Any]:
        relations = catalog.get(schema_relation.schema, {}) if run.finds_relations else {}
        return [
            self.Relation.create(
                database=schema_relation.database, schema=schema_relation.schema, identifier=name, type=held["type"]
            )
            for name, held in relations.items()
        ]

    def get_columns(self: Any, relation: Any) -> list[Any]:
        node = get_node_info().get("unique_id", "").split(".")
        name = relation.identifier.split("__dbt_")[0]
        for held in (catalog.get(relation.schema, {}), *catalog.values()):
            # What a unit test builds for a while has the columns of the model it tests.
            found = held.get(name) or (held.get(node[2]) if node[0] == "unit_test" else None)
            if found:
                return [self.Column.from_description(*column) for column in found["columns"]]
        return []

    def get_query_columns(self: Any, sql: str) -> list[Any]:
        # A snapshot asks for the columns of its source, through a view; anything else compares two answers (the
        # contract and the query), which are the same here.
        view = re.search(r'"([^"]+)"\."([^"]+)_snapshot_staging_temp_view"', sql)
        held = catalog.get(view.group(1), {}).get(view.group(2), {}) if view else {}
        columns = [column for column in held.get("columns", []) if not column[0].startswith("dbt_")]
        return [self.Column.from_description(*column) for column in columns or [["any", "datetime2(6)"]]]

    manager: Any = SQLServerConnectionManager
    manager.open = classmethod(open_connection)
    adapter: Any = SQLServerAdapter
    adapter.list_relations_without_caching = list_relations
    adapter.get_columns_in_relation = get_columns
    adapter.get_column_schema_from_query = get_query_columns
    adapter.expand_target_column_types = lambda *_, **__: None
    adapter.valid_snapshot_target = lambda *_, **__: None


def main() -> int:
    """Run dbt with the stand-ins installed."""
    catalog_file, folder, *arguments = sys.argv[1:]
    run = _Run(Path(folder) / "first.jsonl", finds_relations=False)
    _install(json.loads(Path(catalog_file).read_text(encoding="utf-8")), run)
    # As in the runner (build.no_search_for_garbage).
    gc.disable()
    for name, selected in _RUNS.items():
        run.record, run.finds_relations = Path(folder) / f"{name}.jsonl", name == "second"
        result = dbtRunner().invoke([*arguments, *selected])
        if result.exception is not None:
            raise result.exception
        if not result.success:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
