"""What BI builds on: who reads which mart, who owns it, what the headline figures are, and its documentation."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import browser
import pyarrow.parquet as pq
import pytest
from conftest import PROJECT, Built
from playwright.sync_api import Browser

from runner.profiles import profiles_folder
from runner.report.layout import layout


@pytest.fixture(scope="module")
def manifest(built: Built) -> Mapping[str, Any]:
    return _artifact(built, "manifest.json")


def _artifact(built: Built, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((built.warehouse.with_suffix(".dbt") / name).read_text(encoding="utf-8"))
    return found


def _models(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def test_marts_are_public_and_nothing_else_is(manifest: Mapping[str, Any]) -> None:
    public = {node["name"] for node in _models(manifest) if node["access"] == "public"}
    marts = {
        node["name"]
        for node in _models(manifest)
        if node["original_file_path"].replace("\\", "/").startswith("models/marts/")
    }
    assert public == marts


def test_every_model_belongs_to_a_group_with_an_owner(manifest: Mapping[str, Any]) -> None:
    owned = {group["name"] for group in manifest["groups"].values() if group["owner"]["email"]}
    assert [node["name"] for node in _models(manifest) if node["group"] not in owned] == []


def test_the_report_is_an_exposure_of_every_mart_it_reads(manifest: Mapping[str, Any]) -> None:
    (report,) = (one for one in manifest["exposures"].values() if one["name"] == "daily_report")
    read = {panel.mart for section in layout().sections for panel in section.panels} | {"daily_ops_summary"}
    assert {unique_id.split(".")[-1] for unique_id in report["depends_on"]["nodes"]} == read


def test_every_consumer_is_described_and_owned(manifest: Mapping[str, Any]) -> None:
    assert len(manifest["exposures"]) >= 5
    for exposure in manifest["exposures"].values():
        assert exposure["description"]
        assert exposure["owner"]["email"]


def test_every_mart_has_a_consumer(manifest: Mapping[str, Any]) -> None:
    read = {unique_id for one in manifest["exposures"].values() for unique_id in one["depends_on"]["nodes"]}
    assert {node["unique_id"] for node in _models(manifest) if node["access"] == "public"} <= read


def test_metrics_give_the_headline_figures(built: Built) -> None:
    semantics = _artifact(built, "semantic_manifest.json")
    (row,) = pq.read_table(built.output_dir / "daily_ops_summary.parquet").to_pylist()
    last_month = "cast('2026-05-01' as date)"
    window = "finished_at > timestamp '2026-05-31 23:59:59' and finished_at <= timestamp '2026-06-30 23:59:59'"
    expected = {
        ("msp_calculated_gbp", f"billing_month = {last_month}"): "msp_calculated_gbp_last_month",
        ("msp_invoiced_gbp", f"billing_month = {last_month}"): "msp_invoiced_gbp_last_month",
        ("msp_variance_gbp", f"billing_month = {last_month}"): "msp_variance_gbp_last_month",
        ("msp_amount_gbp", "billing_month = cast('2026-06-01' as date)"): "msp_amount_gbp_month_to_date",
        ("revenue_booked", f"revenue_month = {last_month}"): "revenue_booked_last_month",
        ("revenue_recognized", f"revenue_month = {last_month}"): "revenue_recognized_last_month",
        ("revenue_match_rate", f"revenue_month = {last_month}"): "revenue_match_rate_last_month",
        ("support_first_response_compliance", window): "support_first_response_compliance_pct",
        ("support_resolution_compliance", window): "support_resolution_compliance_pct",
        ("support_cases_created", "day = cast('2026-06-30' as date)"): "support_cases_created",
        ("support_open_backlog", "day = cast('2026-06-30' as date)"): "support_open_backlog",
    }
    for (metric, where), figure in expected.items():
        got = _metric(built, semantics, metric, where)
        assert abs(got - Decimal(row[figure])) < Decimal("0.000001"), metric


def _metric(built: Built, semantics: Mapping[str, Any], name: str, where: str) -> Decimal:
    """Evaluate a metric the way a semantic layer would, over the rows of a condition."""
    (metric,) = (one for one in semantics["metrics"] if one["name"] == name)
    arguments = metric["type_params"]
    for condition in (metric["filter"] or {}).get("where_filters", []):
        template = condition["where_sql_template"].replace("{{ Dimension('support_promise__metric') }}", "metric")
        where = f"{where} and {template}"
    if metric["type"] == "ratio":
        numerator, denominator = (
            _metric(built, semantics, arguments[part]["name"], where) for part in ("numerator", "denominator")
        )
        return numerator / denominator
    assert metric["type"] == "simple"
    for model in semantics["semantic_models"]:
        for measure in model["measures"]:
            if measure["name"] == arguments["measure"]["name"]:
                assert measure["agg"] == "sum"
                relation = model["node_relation"]["relation_name"]
                query = f"select sum({measure['expr'] or measure['name']}) from {relation} where {where}"
                (value,) = built.connection.execute(query).fetchall()[0]
                return Decimal(value)
    raise AssertionError(f"no measure for {name}")


def test_every_metric_is_labelled_and_described(built: Built) -> None:
    semantics = _artifact(built, "semantic_manifest.json")
    assert semantics["project_configuration"]["time_spines"]
    assert [one["name"] for one in semantics["metrics"] if not (one["description"] and one["label"])] == []


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.launched() as found:
        yield found


def test_the_documentation_opens_and_describes_every_mart(
    built: Built, manifest: Mapping[str, Any], chromium: Browser, tmp_path: Path
) -> None:
    environment = os.environ | {
        "TIEOUT_DUCKDB_PATH": str(shutil.copy(built.warehouse, tmp_path)),
        "TIEOUT_RAW_DIR": str(built.raw_dir),
        "TIEOUT_AS_OF": built.as_of.isoformat(),
    }
    target = Path(shutil.copytree(built.warehouse.with_suffix(".dbt"), tmp_path / "target"))
    with profiles_folder(PROJECT) as profiles_dir:
        command = [sys.executable, "-m", "dbt.cli.main", "docs", "generate", "--static", "--no-compile"]
        command += ["--project-dir", str(PROJECT), "--profiles-dir", str(profiles_dir)]
        command += ["--target-path", str(target), "--log-path", str(tmp_path / "logs")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    visit = browser.Visit(chromium, target / "static_index.html", 1440)
    visit.page.wait_for_selector("text=Overview", state="attached")
    marts = [node for node in _models(manifest) if node["access"] == "public"]
    for node in (marts[0], marts[-1]):
        visit.page.goto(f"{(target / 'static_index.html').as_uri()}#!/model/{node['unique_id']}")
        visit.page.wait_for_selector(f"h1:has-text('{node['name']}')")
        shown = " ".join(str(visit.ask("document.body.innerText")).split())
        assert " ".join(node["description"].split())[:60] in shown
        assert [column for column in node["columns"] if column not in shown] == []
    # dbt's page asks for its icons before it has made their names: these files nobody misses.
    expected = ("Unsafe attempt to load URL file:", "Failed to load resource: net::ERR_FILE_NOT_FOUND")
    assert [complaint for complaint in visit.complaints if not complaint.startswith(expected)] == []
    assert [url for url in visit.requests if url.startswith("http")] == []
