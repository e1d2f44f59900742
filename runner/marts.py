"""Which marts a build was to make, and how each came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from runner.build import BuildResult
from runner.state import MartState

_MARTS_FOLDER = "models/marts/"


def mart_states(result: BuildResult, domains: Sequence[str], as_of: datetime) -> list[MartState]:
    """The marts of the domains built and of operations, by name, each with its verdict.

    A mart is current when it was built in this run and none of its own tests failed. A test's own marts are the one it
    is attached to in YAML, or all that it reads where it stands alone (tests/).
    """
    by_id = {node.unique_id: node for node in result.nodes}
    failed_on: dict[str, str] = {}
    for test in result.failed_tests:
        for mart_id in _marts_of_test(result.manifest["nodes"].get(test.unique_id, {})):
            failed_on.setdefault(mart_id, test.name)
    states = []
    for unique_id, node in result.manifest["nodes"].items():
        domain = _domain_of_mart(node, domains)
        if domain is None:
            continue
        built = by_id.get(unique_id)
        if built is None or built.status != "success":
            reason = "could not be built" if built is not None and built.is_broken else "a table it reads did not pass"
        elif unique_id in failed_on:
            reason = f"its test {failed_on[unique_id]} failed"
        else:
            reason = ""
        meta = node["config"].get("meta", {})
        states.append(
            MartState(
                name=node["name"],
                domain=domain,
                relation=node["relation_name"],
                primary_key=list(meta.get("primary_key", [])),
                columns=_contract(node),
                summed=list(meta.get("summed_across_warehouses", [])),
                run_clock_columns=[
                    column["name"] for column in node["columns"].values() if _meta(column).get("clock") == "run"
                ],
                is_current=not reason,
                reason=reason,
                as_of=as_of,
            )
        )
    return sorted(states, key=lambda state: state.name)


def _contract(node: Mapping[str, Any]) -> dict[str, str]:
    """Column to type, in the contract's order; empty where there is no contract."""
    columns = {column["name"]: column["data_type"] for column in node["columns"].values()}
    return columns if all(columns.values()) else {}


def _meta(column: Mapping[str, Any]) -> Mapping[str, Any]:
    return column.get("config", {}).get("meta", {}) or {}


def _domain_of_mart(node: Mapping[str, Any], domains: Sequence[str]) -> str | None:
    if node["resource_type"] != "model" or not node["original_file_path"].replace("\\", "/").startswith(_MARTS_FOLDER):
        return None
    tags = set(node["tags"])
    return next((domain for domain in [*domains, "operations"] if domain in tags), None)


def _marts_of_test(test: Mapping[str, Any]) -> list[str]:
    attached = test.get("attached_node")
    return [attached] if attached else list(test.get("depends_on", {}).get("nodes", []))
