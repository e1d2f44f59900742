"""What only the run itself knows to be wrong: tests that failed, tables that broke, sources not there, a run that died.

No model can hold it: dbt skips `alerts` itself when a test above it fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from runner.alerts.conditions import OPERATIONS, Condition, Observation, operations_condition
from runner.alerts.ledger import Ledger, opened
from runner.settings import DOMAINS

if TYPE_CHECKING:
    from runner.build import BuildResult, NodeResult
    from runner.domains import Skipped


class RunReport(BaseModel):
    """What the last run had to report."""

    as_of: datetime
    data_domains: list[str]
    """Domains that were built; none where the run died, which says nothing of what an earlier one reported."""
    conditions: list[Condition]


def report_build(
    as_of: datetime,
    built: Sequence[str],
    skipped: Iterable[Skipped],
    results: Sequence[BuildResult],
    failed: Mapping[str, Exception],
    held_back: Mapping[str, str] = MappingProxyType({}),
) -> RunReport:
    """Report what failed in a run.

    Args:
        as_of: the moment of the run.
        built: domains that were built.
        skipped: domains that were not, for want of files.
        results: of the builds.
        failed: why a target could not be built at all.
        held_back: marts whose new files failed a check, and why.
    """
    conditions: dict[str, Condition] = {}
    for result in results:
        nodes = result.manifest["nodes"]
        for node in result.failed_tests:
            rows = f"{node.failures} rows" if node.failures is not None else "could not run"
            found = operations_condition(
                "failed_test",
                node.name,
                f"Test {node.name} failed ({rows}): what depends on it keeps its last good figures.",
                data_domain=_data_domain(node, nodes),
                observed=node.failures,
            )
            conditions[found.alert_key] = found
        for node in result.broken:
            found = operations_condition(
                "failed_table",
                node.name,
                f"Table {node.name} could not be built: {node.message}",
                data_domain=_data_domain(node, nodes),
            )
            conditions[found.alert_key] = found
    for skip in skipped:
        if skip.is_partial:
            missing = ", ".join(skip.missing)
            found = operations_condition(
                "missing_source",
                skip.domain,
                f"Domain {skip.domain} was skipped, only some of its files are there; missing: {missing}.",
                data_domain=skip.domain,
            )
            conditions[found.alert_key] = found
    for target, error in failed.items():
        found = operations_condition("failed_target", target, f"Target {target} could not be built: {error}")
        conditions[found.alert_key] = found
    domain_of = {
        node["name"]: tag
        for result in results
        for node in result.manifest["nodes"].values()
        for tag in node.get("tags", [])
        if tag in DOMAINS
    }
    for mart, reason in held_back.items():
        found = operations_condition(
            "export_held_back",
            mart,
            f"Mart {mart} was not exported, its last good files stay in place: {reason}.",
            data_domain=domain_of.get(mart, OPERATIONS),
        )
        conditions[found.alert_key] = found
    return RunReport(as_of=as_of, data_domains=[*built, OPERATIONS], conditions=list(conditions.values()))


def report_death(as_of: datetime, error: Exception) -> RunReport:
    """Report a run that could not be done."""
    message = f"The run could not be done: {error}"
    return RunReport(as_of=as_of, data_domains=[], conditions=[operations_condition("failed_run", "run", message)])


def keep_report(ledger_path: Path, report: RunReport) -> None:
    """Keep a report for the next delivery."""
    with opened(ledger_path) as ledger, ledger.transaction():
        ledger.execute("insert or replace into run_report values (1, ?)", report.model_dump_json())


def kept_report(ledger: Ledger) -> Observation | None:
    """Give the last run's report as an observation."""
    row = ledger.one("select report from run_report")
    if row is None:
        return None
    report = RunReport.model_validate_json(row["report"])
    return Observation("run", report.as_of, frozenset(report.data_domains), report.conditions)


def _data_domain(node: NodeResult, nodes: Mapping[str, Any]) -> str:
    """The domain a table or test is about: its own tag, or that of what it reads."""
    ids = (node.unique_id, *node.depends_on)
    tags = [tag for unique_id in ids for tag in nodes.get(unique_id, {}).get("tags", [])]
    return next((tag for tag in tags if tag in DOMAINS), OPERATIONS)
