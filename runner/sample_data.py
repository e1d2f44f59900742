"""Making the sample data in place: a folder that is there is whole, and says what it was made with."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ValidationError

from runner import logs
from runner.errors import TieoutError

_FACTS = "sample.json"


class SampleFacts(BaseModel):
    """What a sample was made with."""

    scale: float = 1
    """Size; 1 is the demo's."""
    seed: int = 1
    """Start of the random numbers."""
    months: int = 26
    """Months of history."""
    end: date = date(2026, 6, 30)
    """Last day; the figures of the demo look at its last second."""


def make(facts: SampleFacts, folder: Path) -> None:
    """Make a sample in `folder`; one that was there is replaced once the new one is complete.

    Raises:
        TieoutError: the folder holds something else, or cannot be written.
    """
    from runner.sample import generate

    if folder.exists() and any(folder.iterdir()) and not (folder / _FACTS).is_file():
        raise TieoutError(f"{folder} holds files that are no sample: name another folder with --out.")
    part = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        generate(scale=facts.scale, seed=facts.seed, months=facts.months, end=facts.end, out=part)
        (part / _FACTS).write_text(json.dumps(facts.model_dump(mode="json"), indent=1) + "\n", encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    except OSError as error:
        raise TieoutError(f"{folder} cannot be written ({error.strerror}): free it or name another folder.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    logs.event("sample", folder=folder, **facts.model_dump())


def facts_of(folder: Path) -> SampleFacts:
    """What the sample in a folder was made with; the defaults where it does not say."""
    try:
        return SampleFacts.model_validate_json((folder / _FACTS).read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return SampleFacts()
