"""What is expected of an exported mart: its contract in dbt's manifest, and what stands in expectations/."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from runner.errors import SettingError

FOLDER = "expectations"

Expectation = dict[str, Any]
"""`type` as Great Expectations names it, and its arguments."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mart: str
    expectations: list[Expectation]


def suite(nodes: Mapping[str, Any], mart: str, project_dir: Path) -> list[Expectation]:
    """All expectations of a mart, those of its contract first.

    Args:
        nodes: of dbt's manifest.
        mart: name of the model.
        project_dir: where expectations/ lies.

    Raises:
        SettingError: the file in expectations/ cannot be used.
    """
    (node,) = (node for node in nodes.values() if node["resource_type"] == "model" and node["name"] == mart)
    found = [*_contract(node), *_tests(nodes, node["unique_id"]), *_written(project_dir / FOLDER / f"{mart}.yml")]
    return [one for number, one in enumerate(found) if one not in found[:number]]


def _contract(node: Mapping[str, Any]) -> list[Expectation]:
    columns = [column["name"] for column in node["columns"].values()]
    key = list(node["config"].get("meta", {}).get("primary_key", []))
    found: list[Expectation] = []
    if columns:
        found.append({"type": "expect_table_columns_to_match_ordered_list", "column_list": columns})
    found.extend({"type": "expect_column_values_to_not_be_null", "column": name} for name in key)
    if key:
        found.append(_unique(key))
    return found


def _tests(nodes: Mapping[str, Any], mart_id: str) -> list[Expectation]:
    """The data tests of the mart that say something of a single file."""
    found: list[Expectation] = []
    for node in nodes.values():
        test = node.get("test_metadata") or {}
        if node.get("attached_node") != mart_id or node["config"].get("where"):
            continue
        arguments = test.get("kwargs", {})
        column = node.get("column_name")
        match test.get("name"):
            case "not_null":
                found.append({"type": "expect_column_values_to_not_be_null", "column": column})
            case "unique":
                found.append(_unique([column]))
            case "unique_combination_of_columns":
                found.append(_unique(arguments["combination_of_columns"]))
            case "accepted_values":
                values = arguments["values"]
                found.append({"type": "expect_column_values_to_be_in_set", "column": column, "value_set": values})
            case "accepted_range":
                bounds = {name: arguments[name] for name in ("min_value", "max_value") if name in arguments}
                if all(isinstance(bound, int | float) for bound in bounds.values()):
                    found.append({"type": "expect_column_values_to_be_between", "column": column, **bounds})
    return found


def _unique(columns: list[str]) -> Expectation:
    if len(columns) == 1:
        return {"type": "expect_column_values_to_be_unique", "column": columns[0]}
    return {"type": "expect_compound_columns_to_be_unique", "column_list": list(columns)}


@cache
def _written(path: Path) -> list[Expectation]:
    if not path.is_file():
        return []
    try:
        written = _Written.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError) as error:
        raise SettingError(
            f"{path} cannot be read: write `mart` and a list of `expectations` as its neighbours do "
            f"({str(error).splitlines()[0]})."
        ) from error
    if written.mart != path.stem or not all("type" in one for one in written.expectations):
        raise SettingError(f"{path} must name the mart {path.stem} and give each expectation a type.")
    return written.expectations
