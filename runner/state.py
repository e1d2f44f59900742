"""What is known of a warehouse between runs, kept beside it: where its lock is, what it was built from, its marts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from runner.errors import BusyError
from runner.settings import TargetSettings, iso

# What decides the definition of a table. A changed seed cell does not: seeds are loaded in every run.
_DEFINITIONS = (
    "dbt_project.yml",
    "packages.yml",
    "package-lock.yml",
    "models/**/*",
    "macros/**/*",
    "snapshots/**/*",
    "seeds/**/*.yml",
)


class MartState(BaseModel):
    """How a mart came out of the last run that tried to build it."""

    name: str
    domain: str
    """msp, revenue, support or operations."""
    relation: str
    """The mart in the warehouse, quoted for its engine."""
    primary_key: list[str]
    columns: dict[str, str] = {}
    """Columns of the contract with their types, in its order."""
    summed: list[str] = []
    """Columns that are added up where several warehouses have a part of the same row."""
    run_clock_columns: list[str] = []
    """Columns that tell when a run saw something, which two builds of the same figures do not share."""
    is_current: bool
    """It was built and its own tests passed."""
    reason: str = ""
    """Why it is not current."""
    as_of: datetime
    """The moment of the run that tried."""


class WarehouseState(BaseModel):
    """What the last runs left in a warehouse."""

    run_started: datetime
    as_of: datetime
    domains: list[str]
    fingerprints: dict[str, str] = {}
    """Domain (or `operations`) to the fingerprint of the project that all its tables were last built from."""
    seeds: dict[str, str] = {}
    """Seed to the SHA-256 of the file it was last built from."""
    settings_relation: str
    """int_run_settings in the warehouse: the moment its figures look at stands there."""
    marts: list[MartState] = []

    @property
    def marts_of_last_run(self) -> list[MartState]:
        """The marts that the last run was to make."""
        return [mart for mart in self.marts if mart.domain in (*self.domains, "operations")]

    def in_doubt(self, domains: Iterable[str], as_of: datetime) -> WarehouseState:
        """The same, for as long as these domains are being built: none of their marts can be relied upon."""
        reason = f"the run as of {iso(as_of)} broke off"
        doubtful = {*domains, "operations"}
        marts = [
            mart.model_copy(update={"is_current": False, "reason": reason, "as_of": as_of})
            if mart.domain in doubtful
            else mart
            for mart in self.marts
        ]
        return self.model_copy(update={"marts": marts})


class Workspace:
    """The files that belong to one warehouse: its lock, its state and dbt's own target folder."""

    def __init__(self, settings: TargetSettings, output: Mapping[str, Any]) -> None:
        self._file: Path | None = None
        base = settings.project_dir / "warehouse" / settings.target
        if output["type"] == "duckdb":
            self._file = Path(output["path"]).resolve()
            base = self._file.with_suffix("")
        self.lock_path = base.with_name(base.name + ".lock")
        self.state_path = base.with_name(base.name + ".state.json")
        self.dbt_target_path = base.with_name(base.name + ".dbt")

    def read(self) -> WarehouseState | None:
        """The state as the last run left it; None where nothing was built, or the warehouse was deleted since."""
        if self._file is not None and not self._file.is_file():
            return None
        try:
            return WarehouseState.model_validate_json(self.state_path.read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            return None

    def write(self, state: WarehouseState) -> None:
        """Replace the state, whole or not at all.

        Raises:
            OSError: it cannot be written; the error names the file.
        """
        part = self.state_path.with_suffix(".part")
        try:
            part.write_text(state.model_dump_json(indent=1), encoding="utf-8")
            part.replace(self.state_path)
        except OSError as error:
            # A disk that is full says so without a name.
            error.filename = error.filename or str(part)
            raise


@contextmanager
def locked(*paths: Path) -> Iterator[None]:
    """Hold the lock files for as long as the block lasts; the system lets go of them when the process ends.

    Raises:
        BusyError: another process holds one; it is not waited for.
    """
    held: list[FileLock] = []
    try:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise BusyError(
                    f"Another run of tieout is at work ({path} is locked): wait until it has ended."
                ) from None
            held.append(lock)
        yield
    finally:
        for lock in reversed(held):
            lock.release()


def project_fingerprint(project_dir: Path) -> str:
    """SHA-256 over the names and contents of all files that define tables."""
    digest = hashlib.sha256()
    for path in _definition_files(project_dir):
        digest.update(path.relative_to(project_dir).as_posix().encode())
        # A checkout on Windows may differ in line ends only.
        digest.update(hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).digest())
    return digest.hexdigest()


def seed_fingerprints(project_dir: Path) -> dict[str, str]:
    """Seed to the SHA-256 of its file."""
    files = sorted((project_dir / "seeds").rglob("*.csv"))
    return {file.stem: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def needs_full_refresh(state: WarehouseState | None, domains: Iterable[str], fingerprint: str) -> bool:
    """Tell whether tables of these domains were built from another version of the project."""
    if state is None:
        return False
    return any(state.fingerprints.get(domain, fingerprint) != fingerprint for domain in [*domains, "operations"])


def fingerprints_after(
    state: WarehouseState | None, domains: Iterable[str], fingerprint: str, *, is_complete: bool
) -> dict[str, str]:
    """The fingerprints to keep after a build of these domains.

    Where a table was skipped or broke it may still be the one of an older project: its domain is built in full again
    next time. In a new warehouse there is nothing older.
    """
    before = dict(state.fingerprints) if state else {}
    for domain in [*domains, "operations"]:
        if is_complete or state is None:
            before[domain] = fingerprint
        elif before.get(domain) != fingerprint:
            before[domain] = "incomplete"
    return before


def _definition_files(project_dir: Path) -> list[Path]:
    found = {path for pattern in _DEFINITIONS for path in project_dir.glob(pattern) if path.is_file()}
    return sorted(found)
