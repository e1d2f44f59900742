"""Whole runs on a project of a few tables: what is built, exported, kept, and with which exit code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_project import SmallProject


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    """A project that was run once, to copy from."""
    project = SmallProject(tmp_path_factory.mktemp("fresh"))
    project.run()
    return project


@pytest.fixture
def project(fresh: SmallProject, tmp_path: Path) -> SmallProject:
    return fresh.copied_to(tmp_path / "Bob's project")


def test_a_run_exports_the_marts_of_the_domains_that_are_there(project: SmallProject) -> None:
    result = project.run()
    assert "Domain support is skipped: none of its files are there (support/support_cases)." in result.output
    assert "Warning" not in result.output
    assert (project.output_dir / "task_costs.csv").read_bytes() == b"\xef\xbb\xbfid,amount\n1,1.25\n2,2.50\n"
    manifest = project.manifest()
    assert (manifest.as_of, manifest.domains, manifest.skipped_domains) == (
        "2026-06-30T23:59:59Z",
        ["msp", "revenue"],
        ["support"],
    )
    assert project.rows("select seen from domains_seen") == [("msp revenue",)]
    log = (project.root / "logs" / "tieout.log").read_text(encoding="utf-8")
    assert "step=export mart=task_costs rows=2 seconds=" in log
    assert "step=rows table=task_costs rows=2" in log
    assert "step=run exit=0" in log


def test_the_same_as_of_twice_gives_the_same_bytes(project: SmallProject) -> None:
    before = project.csvs()
    project.run("--full-refresh")
    assert project.csvs() == before


def test_as_of_is_normalised_and_taken_from_the_warehouse(project: SmallProject) -> None:
    project.run(as_of="2026-07-01T01:59:59.7+02:00")
    assert project.manifest().as_of == "2026-06-30T23:59:59Z"
    project.run(as_of="2026-05-31T23:59:59")
    assert project.manifest().as_of == "2026-05-31T23:59:59Z"
    assert project.status("task_costs.csv") == ("current", "2026-05-31T23:59:59Z")


def test_data_that_fails_a_test_ends_with_1_and_keeps_the_last_good_file(project: SmallProject) -> None:
    before = project.csvs()["task_costs.csv"]
    project.put("service_desk/service_tasks", "1,1.00", "1,2.00")
    project.put("analytics/deals", "1,200.00")
    result = project.run(code=1, as_of="2026-07-31T00:00:00Z")
    assert "unique_task_costs_id" in result.output
    assert "Not renewed: task_costs (its test unique_task_costs_id failed)." in result.output
    assert project.csvs()["task_costs.csv"] == before
    assert project.status("task_costs.csv") == ("stale", "2026-06-30T23:59:59Z")
    assert project.status("deal_values.csv") == ("current", "2026-07-31T00:00:00Z")
    assert b"200.00" in project.csvs()["deal_values.csv"]

    # Exporting again changes nothing: what failed does not pass by this way.
    assert project.command("export").exit_code == 1
    assert project.csvs()["task_costs.csv"] == before
    assert project.status("task_costs.csv") == ("stale", "2026-06-30T23:59:59Z")

    project.put("service_desk/service_tasks", "1,1.00")
    project.run()
    assert project.status("task_costs.csv") == ("current", "2026-06-30T23:59:59Z")


def test_a_failed_test_is_told_once_and_when_it_is_over(project: SmallProject) -> None:
    told = project.root / "logs" / "alerts.txt"
    project.put("service_desk/service_tasks", "1,1.00", "1,2.00")
    project.run("--alerts", code=1)
    first = told.read_text(encoding="utf-8")
    assert "critical, new: Test unique_task_costs_id failed (1 rows): what depends on it keeps" in first
    project.put("service_desk/service_tasks", "1,1.00")
    project.run("--alerts", "--select-domain", "revenue")
    assert told.read_text(encoding="utf-8") == first
    project.run("--alerts")
    assert "resolved: No longer so: Test unique_task_costs_id failed" in told.read_text(encoding="utf-8")


def test_export_writes_lost_files_again(project: SmallProject) -> None:
    before = project.csvs()
    shutil.rmtree(project.output_dir)
    assert project.command("export").exit_code == 0
    assert project.csvs() == before
    assert project.manifest().as_of == "2026-06-30T23:59:59Z"


def test_a_domain_not_asked_for_stays_untouched(project: SmallProject) -> None:
    project.put("service_desk/service_tasks", "1,9.00", "1,9.00")
    project.put("analytics/deals", "1,300.00")
    project.run("--select-domain", "revenue", as_of="2026-07-31T00:00:00Z")
    assert project.rows("select amount from task_costs order by id") == [(1.25,), (2.5,)]
    assert project.rows("select amount from deal_values") == [(300,)]
    assert project.status("task_costs.csv") == ("stale", "2026-06-30T23:59:59Z")
    assert project.status("deal_values.csv") == ("current", "2026-07-31T00:00:00Z")


def test_a_broken_file_of_a_domain_not_asked_for_is_no_obstacle(project: SmallProject) -> None:
    project.write("raw/service_desk/service_tasks.csv", "amount\n1.00\n")
    project.run("--select-domain", "revenue")
    assert project.rows("select amount from service_desk.service_tickets") == [(1,)]


def test_a_domain_with_only_some_of_its_files_is_skipped_with_a_warning(project: SmallProject) -> None:
    (project.raw / "service_desk" / "service_tickets.csv").unlink()
    result = project.run(code=1)
    assert (
        "Warning: domain msp is skipped, only some of its files are there; missing: service_desk/service_tickets"
        in result.output
    )
    assert project.status("deal_values.csv") == ("current", "2026-06-30T23:59:59Z")
    assert project.status("task_costs.csv")[0] == "stale"


def test_no_domain_at_all_ends_with_2_and_leaves_the_exports(project: SmallProject) -> None:
    before = {path.name: path.read_bytes() for path in project.output_dir.iterdir()}
    shutil.rmtree(project.raw)
    project.raw.mkdir()
    result = project.run(code=2)
    assert "No domain can be built" in result.stderr
    assert {path.name: path.read_bytes() for path in project.output_dir.iterdir()} == before


def test_a_raw_file_without_a_column_it_must_have_is_named(project: SmallProject) -> None:
    before = project.csvs()
    project.write("raw/analytics/deals.csv", "amount\n1.00\n")
    result = project.run(code=2)
    (sentence,) = result.stderr.strip().splitlines()
    assert "analytics/deals.csv has no column id" in sentence
    assert project.csvs() == before


def test_a_table_that_breaks_is_named_and_the_others_are_exported(project: SmallProject) -> None:
    project.write("models/marts/msp/task_costs.sql", "select id, 1 / no_such_column as amount from (select 1 as id)")
    result = project.run(code=1)
    assert "Not renewed: task_costs (could not be built)." in result.output
    assert "no_such_column" in result.output
    assert project.status("deal_values.csv")[0] == "current"


def test_a_project_that_cannot_be_read_is_one_sentence(project: SmallProject) -> None:
    project.write("models/marts/msp/task_costs.sql", "select * from {{ ref('no_such_model') }}")
    before = project.csvs()
    (sentence,) = project.run(code=2).stderr.strip().splitlines()
    assert "depends on a node named 'no_such_model'" in sentence
    assert project.csvs() == before


def test_where_nothing_can_be_built_the_exports_stay(project: SmallProject) -> None:
    before = {path.name: path.read_bytes() for path in project.output_dir.iterdir()}
    for domain, name in (("msp", "task_costs"), ("revenue", "deal_values"), ("operations", "domains_seen")):
        project.write(f"models/marts/{domain}/{name}.sql", "select no_such_column as id")
    sentence = project.run(code=2).stderr.strip().splitlines()[-1]
    assert sentence.startswith("No mart could be built:")
    assert {path.name: path.read_bytes() for path in project.output_dir.iterdir()} == before


def test_a_changed_project_is_built_anew_by_itself(project: SmallProject) -> None:
    incremental = "{{ config(materialized='incremental', unique_key='id', on_schema_change='fail') }}\n"
    select = "select id, amount%s from {{ source('service_desk', 'service_tasks') }}"
    project.write("models/marts/msp/task_costs.sql", incremental + select % "")
    assert "every table is built anew" in project.run().output
    assert "every table is built anew" not in project.run().output

    project.write("models/marts/msp/task_costs.sql", incremental + select % ", amount * 2 as twice")
    assert "every table is built anew" in project.run().output
    assert project.rows("select twice from task_costs order by id") == [(2.5,), (5,)]
