"""What `make bench` measures, each step a process of its own: python steps.py STEP ARGUMENTS."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

# What works out elapsed, paused and due times of cases.
ELAPSED_TIME = ("int_support_case_clocks", "int_support_running_clocks", "fct_support_case_sla")


def parse(raw: str, as_of: str, domain: str, folder: str) -> None:
    """Read the project, so that the first build measured does not pay for it."""
    from dbt.cli.main import dbtRunner

    from runner import deps, profiles
    from runner.build import SEEDS_DIR
    from runner.settings import project_dir

    if not deps.is_installed(project_dir()):
        deps.install(project_dir())
    os.environ.update({"TIEOUT_RAW_DIR": raw, "TIEOUT_AS_OF": as_of, "TIEOUT_DOMAINS": domain})
    os.environ[SEEDS_DIR] = os.path.relpath(Path(folder) / "seeds", project_dir())
    with profiles.profiles_folder(project_dir()) as profiles_dir:
        arguments = ["parse", "--project-dir", str(project_dir()), "--profiles-dir", str(profiles_dir)]
        where = ["--target-path", f"{folder}/target", "--log-path", f"{folder}/target/logs", "--log-level", "none"]
        _require(dbtRunner().invoke([*arguments, *where, "--target", "duckdb"]).success, "dbt cannot read the project")


def build(raw: str, as_of: str, domain: str, folder: str) -> None:
    """Build a domain as `tieout run` does, without exports."""
    from runner.build import build as build_domains
    from runner.settings import resolve

    (settings,) = resolve(raw_dir=Path(raw), as_of=as_of, select_domain=[domain]).by_target()
    result = build_domains(
        settings,
        settings.domains,
        Path(folder) / "target",
        seeds_dir=Path(folder) / "seeds",
        full_refresh=False,
        listener=lambda *_: None,
    )
    bad = [node.name for node in (*result.broken, *result.failed_tests)]
    _require(not bad, f"failed: {', '.join(bad)}")


def straight(built: str, folder: str) -> None:
    """Run the statements of the last build of FOLDER in their order, in one connection, with nothing in between."""
    with _connected(Path(folder) / "straight" / Path(built).name) as connection:
        connection.execute(f"attach '{built}' as as_built (read_only)")
        views = "select sql from duckdb_views() where database_name = 'as_built' and sql like '%read_parquet%'"
        for schema in _values(connection, "select schema_name from duckdb_schemas() where database_name = 'as_built'"):
            connection.execute(f'create schema if not exists "{schema}"')
        for view in _values(connection, views):
            connection.execute(view.replace("as_built.", ""))
        for node, statement in _statements(Path(folder) / "target"):
            relation, kind = node.get("relation_name"), node["resource_type"]
            if kind == "test":
                connection.execute(f"select count(*) from ({statement}) as failures").fetchall()
            elif kind == "seed":
                schema, name = node["schema"], node["alias"]
                connection.execute(f'create table {relation} as select * from as_built."{schema}"."{name}"')
            elif kind == "snapshot":
                # What dbt adds to the statement is a row's validity.
                added = "now() as dbt_valid_from, cast(null as timestamp) as dbt_valid_to"
                if "dbt_is_deleted" not in statement:
                    added += ", 'False' as dbt_is_deleted"
                kept = f"select *, {added} from ({statement}\n)"
                connection.execute(f"create table {relation} as {kept}")
            else:
                form = "view" if node["config"]["materialized"] == "view" else "table"
                connection.execute(f"create {form} {relation} as ({statement}\n)")


def elapsed_time(built: str, folder: str) -> None:
    """Run the statements that measure cases, over the tables of the last build of FOLDER."""
    wanted = {
        node["name"]: statement
        for node, statement in _statements(Path(folder) / "target")
        if node["name"] in ELAPSED_TIME
    }
    with duckdb.connect(built, read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name in ELAPSED_TIME:
            connection.execute(f"create temp table {name}_again as ({wanted[name]}\n)")


def _statements(target: Path) -> Iterator[tuple[dict[str, Any], str]]:
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    for result in json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]:
        # Operations are what registers the raw files; the views that they make are copied.
        if nodes.get(result["unique_id"], {}).get("resource_type", "operation") != "operation":
            yield nodes[result["unique_id"]], result["compiled_code"] or ""


def _connected(path: Path) -> duckdb.DuckDBPyConnection:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    connection = duckdb.connect(path)
    connection.execute("set TimeZone = 'UTC'")
    # As in profiles.yml.example.
    connection.execute("set memory_limit = ?", [os.environ.get("TIEOUT_DUCKDB_MEMORY_LIMIT", "6GB")])
    return connection


def _values(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [value for (value,) in connection.execute(query).fetchall()]


def _require(is_met: bool, problem: str) -> None:
    if not is_met:
        sys.exit(problem)


if __name__ == "__main__":
    {step.__name__: step for step in (parse, build, straight, elapsed_time)}[sys.argv[1]](*sys.argv[2:])
