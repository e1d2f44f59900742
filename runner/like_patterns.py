"""Which text rules SQL Server cannot try with LIKE: the project's own macro says so, rendered here without dbt."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import yaml

from runner.seed_problems import SeedProblem

_RULES = ("environment_rules", "task_category_rules")
_REMEDY = "write it without, or set the var sqlserver_regex to native on SQL Server 2025 or Azure SQL"
MACRO_FILE = Path("macros") / "engine" / "like_patterns.sql"


def translate(project_dir: Path, pattern: str) -> tuple[list[dict[str, str]], list[str]]:
    """Give the LIKE patterns of a regular expression, and what of it cannot be written so."""
    found: list[dict[str, str]] = []
    problems: list[str] = []
    _macros(project_dir / MACRO_FILE).like_patterns(pattern, found, problems)
    return found, problems


def problems_in_rules(project_dir: Path, seeds_dir: Path | None = None) -> list[SeedProblem]:
    """Every text rule that a build on SQL Server would stop at; none where var sqlserver_regex is native."""
    settings = yaml.safe_load((project_dir / "dbt_project.yml").read_text(encoding="utf-8"))
    if settings.get("vars", {}).get("sqlserver_regex") == "native":
        return []
    problems = []
    seeds_dir = seeds_dir or project_dir / "seeds"
    for path in (path for name in _RULES for path in sorted(seeds_dir.rglob(f"{name}.csv"))):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            # The row a spreadsheet shows, the header being 1.
            rows = list(enumerate(csv.DictReader(stream), start=2))
        for line, row in rows:
            pattern = (row["pattern"] or "").strip()
            found = translate(project_dir, pattern)[1]
            if found:
                what = f"more than SQL Server can try without regular expressions ({row['rule_id']}: {found[0]})"
                problems.append(
                    SeedProblem(
                        f"seeds/{path.relative_to(seeds_dir).as_posix()}", line, "pattern", pattern, what, _REMEDY
                    )
                )
    return problems


@cache
def _macros(path: Path) -> Any:
    environment = jinja2.Environment(
        extensions=["jinja2.ext.do"],
        autoescape=False,  # noqa: S701 (makes SQL, not HTML)
    )
    template = environment.from_string(path.read_text(encoding="utf-8"), globals={"modules": SimpleNamespace(re=re)})
    return template.module
