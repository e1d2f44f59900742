"""Who is to be told: the rows of the seed `alert_routes`."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from runner.alerts.conditions import Condition
from runner.seed_checks import SeedCheckError, check_seeds
from runner.seed_rows import AlertRoute

_SEED = "alert_routes"


def read_routes(project_dir: Path) -> list[AlertRoute]:
    """Read the routes.

    Raises:
        SeedCheckError: the seed has rows that cannot be used.
    """
    seeds = project_dir / "seeds"
    problems = [problem for problem in check_seeds(seeds) if Path(problem.file).stem == _SEED]
    if problems:
        raise SeedCheckError(problems)
    (path,) = seeds.rglob(f"{_SEED}.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = [
            {name.strip(): (cell or "").strip() or None for name, cell in row.items()} for row in csv.DictReader(stream)
        ]
    return [AlertRoute.model_validate(row) for row in rows if any(row.values())]


def routes_of(routes: Sequence[AlertRoute], condition: Condition) -> list[AlertRoute]:
    """The routes of a condition; where some name its rule, those without a rule do not count."""
    fitting = [
        route
        for route in routes
        if route.domain.lower() == condition.domain.lower()
        and route.severity.lower() == condition.severity
        and (route.rule is None or route.rule.lower() == condition.rule.lower())
    ]
    return [route for route in fitting if route.rule is not None] or fitting
