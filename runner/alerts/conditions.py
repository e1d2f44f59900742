"""What is wrong at a moment: the rows of the exported `alerts` mart, and what only the run itself can know."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from runner import logs
from runner.errors import TieoutError

ALERTS_MART = "alerts"
OPERATIONS = "operations"

Severity = Literal["info", "warning", "critical"]
_LONGEST = 600
SEVERITY_RANK: dict[str, int] = {"info": 1, "warning": 2, "critical": 3}

Origin = Literal["mart", "run", "exports"]
"""Where conditions are seen: each origin resolves only what it has seen itself."""


class Condition(BaseModel):
    """One thing that is wrong, on one subject; the columns of the mart."""

    alert_key: str
    domain: str
    data_domain: str
    """The domain whose data it is about: only a run that built this domain can tell that it is over."""
    rule: str
    severity: Severity
    subject: str
    period: date | None = None
    measure: str = ""
    threshold: Decimal | None = None
    observed: Decimal | None = None
    message: str


@dataclass(frozen=True)
class Observation:
    """All conditions that one origin sees at one moment."""

    origin: Origin
    as_of: datetime
    data_domains: frozenset[str]
    """Domains that were looked at: a condition of another one is neither confirmed nor over."""
    conditions: Sequence[Condition]


def operations_condition(
    rule: str, subject: str, message: str, *, data_domain: str = OPERATIONS, observed: int | None = None
) -> Condition:
    """Make a condition that no mart holds: something is wrong with the run itself."""
    return Condition.model_validate(
        {
            "alert_key": f"{OPERATIONS}:{rule}:{subject}".lower(),
            "domain": OPERATIONS,
            "data_domain": data_domain,
            "rule": rule,
            "severity": "critical",
            "subject": subject,
            "measure": "failing_rows" if observed is not None else "",
            "observed": observed,
            "message": logs.mask(message)[:_LONGEST],
        }
    )


def read_held_back(output_dir: Path) -> Observation | None:
    """Read which files the last export held back because they failed a check; None where nothing was exported."""
    from runner.exports import read_manifest

    manifest = read_manifest(output_dir)
    if manifest is None:
        return None
    domains = {file.mart: file.domain for file in manifest.files}
    conditions = [
        operations_condition(
            "held_back_export",
            mart,
            f"The new {mart} was held back: {reason}. The last good one stays, marked as old.",
            data_domain=domains.get(mart, OPERATIONS),
        )
        for mart, reason in manifest.held_back.items()
    ]
    as_of = datetime.fromisoformat(manifest.as_of).astimezone(UTC)
    return Observation("exports", as_of, frozenset([*manifest.domains, OPERATIONS]), conditions)


def read_mart(output_dir: Path) -> Observation | None:
    """Read the alerts as last exported; None where that file does not belong to the newest run.

    Raises:
        TieoutError: nothing was exported yet, or the file cannot be read.
    """
    from runner.exports import read_manifest

    manifest = read_manifest(output_dir)
    file = next((file for file in manifest.files if file.name == f"{ALERTS_MART}.parquet"), None) if manifest else None
    if manifest is None or file is None:
        raise TieoutError(f"There are no alerts in {output_dir}: write them with 'tieout run'.")
    if file.status != "current":
        return None
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        content = (output_dir / file.name).read_bytes()
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise TieoutError(
                f"{output_dir / file.name} is not the one of the manifest (a run may be replacing it): try again, or "
                "write it again with 'tieout export'."
            )
        # One file, not a data set: much is loaded for those.
        rows = pq.ParquetFile(pa.BufferReader(content)).read().to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise TieoutError(
            f"{output_dir / file.name} cannot be read ({type(error).__name__}): write it again with 'tieout export'."
        ) from error
    return Observation(
        "mart",
        datetime.fromisoformat(file.as_of).astimezone(UTC),
        frozenset([*manifest.domains, OPERATIONS]),
        [_condition(row) for row in rows],
    )


def _condition(row: dict[str, object]) -> Condition:
    known = {name: row.get(name) for name in Condition.model_fields if row.get(name) is not None}
    known.setdefault("data_domain", row["domain"])
    return Condition.model_validate(known)
