"""What the tests know of a warehouse built from a raw folder, and its recomputation, worked out once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol

import duckdb
import pandas as pd

from . import compare
from .inputs import Inputs, Settings, load

SEEDS_DIR = Path(__file__).resolve().parents[3] / "seeds"


class Built(Protocol):
    """A finished build, as the fixture `built` gives it."""

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The warehouse, to be read only."""

    @property
    def raw_dir(self) -> Path:
        """The folder of raw files it was built from."""

    @property
    def as_of(self) -> datetime:
        """The moment it looks at."""


@cache
def inputs_of(raw_dir: Path) -> Inputs:
    """Raw tables and the seeds as they are shipped."""
    return load(raw_dir, SEEDS_DIR)


def settings_of(built: Built) -> Settings:
    """The settings as they are shipped."""
    as_of = built.as_of
    return Settings(as_of.astimezone(UTC).replace(tzinfo=None) if as_of.tzinfo else as_of)


def recomputed(built: Built, domain: str) -> dict[str, pd.DataFrame]:
    """The marts of a domain, or of `quality`."""
    return _recomputed(built.raw_dir, settings_of(built), domain)


@cache
def _recomputed(raw_dir: Path, settings: Settings, domain: str) -> dict[str, pd.DataFrame]:
    return compare.recomputed(domain, inputs_of(raw_dir), settings)
