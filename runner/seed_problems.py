"""What the check of the seeds says, and what its parts hand to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from runner.errors import TieoutError
from runner.seed_rows import SeedRow

Verdict = Literal["refused", "normalized", "warning"]


@dataclass(frozen=True)
class SeedProblem:
    """One thing wrong in a seed. `row` is the line in the file, the header being 1; 0 means the file as a whole."""

    file: str
    row: int
    column: str
    value: str
    problem: str
    remedy: str
    verdict: Verdict = "refused"


class SeedCheckError(TieoutError):
    """The seeds hold problems; nothing was built."""

    def __init__(self, problems: Sequence[SeedProblem]) -> None:
        first = problems[0]
        where = f"{first.file}, row {first.row}" if first.row else first.file
        what = f"{first.column} '{first.value}' is {first.problem}" if first.column else first.problem
        refused = sum(problem.verdict == "refused" for problem in problems)
        more = f" ({refused} problems in all)" if refused > 1 else ""
        super().__init__(f"{where}: {what}; {first.remedy}{more}.")
        self.problems = tuple(problems)


@dataclass(frozen=True)
class SeedLine:
    """A row of a seed that fits, and where it stands."""

    line: int
    cells: SeedRow


Tables = Mapping[str, Sequence[SeedLine]]
Files = Mapping[str, str]
