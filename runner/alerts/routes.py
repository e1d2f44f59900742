"""Who is to be told: the rows of the seed `alert_routes`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from runner.alerts.conditions import Condition
from runner.seed_checks import inspect_seeds
from runner.seed_problems import SeedCheckError
from runner.seed_rows import AlertRoute

_SEED = "alert_routes"


def read_routes(project_dir: Path) -> list[AlertRoute]:
    """Read the routes.

    Raises:
        SeedCheckError: the seed has rows that cannot be used.
    """
    report = inspect_seeds(project_dir / "seeds")
    problems = [problem for problem in report.of("refused") if Path(problem.file).stem == _SEED]
    if problems:
        raise SeedCheckError(problems)
    return [line.cells for line in report.tables[_SEED] if isinstance(line.cells, AlertRoute)]


def channels_of(routes: Sequence[AlertRoute]) -> list[str]:
    """Every channel that somebody may be told on, in lower case as the delivery has them."""
    return sorted({name.lower() for route in routes for name in (route.channel, route.escalate_to) if name})


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
