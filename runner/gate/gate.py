"""The gate as a run sees it: started with the run, asked once, gone with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from runner import logs
from runner.errors import SettingError, TieoutError
from runner.gate.suites import suite

SWITCH = "TIEOUT_EXPORT_GATE"
DOCS = "data_docs"
WORKER = ("-m", "runner.gate.worker")

Judge = Callable[[Mapping[str, Sequence[Path]]], Mapping[str, str]]
"""Takes the files of each mart, Parquet first; gives the marts whose files must stay back, with the reason."""


def is_on() -> bool:
    """Tell whether exports are checked (`TIEOUT_EXPORT_GATE`, default on).

    Raises:
        SettingError: the setting is neither on nor off, or Great Expectations is not installed.
    """
    given = os.environ.get(SWITCH, "").strip().lower() or "on"
    if given not in ("on", "off"):
        raise SettingError(f"{SWITCH} is '{given}': give on or off.")
    if given == "on" and find_spec("great_expectations") is None:
        raise SettingError(
            "Great Expectations, which checks the exports, is not installed: install requirements.lock again, "
            f"or go without by {SWITCH}=off."
        )
    return given == "on"


@contextmanager
def opened(
    project_dir: Path, output_dir: Path, log_dir: Path, nodes: Callable[[], Mapping[str, Any]]
) -> Iterator[Judge]:
    """Start the process that checks; it gets ready while the run goes on, and ends with the block.

    Args:
        project_dir: where expectations/ lies.
        output_dir: where the documentation of the checks goes.
        log_dir: where what the process prints goes.
        nodes: gives dbt's nodes, once there are any.
    """
    with _log_in(log_dir) as printed, _worker(printed) as worker:

        def judge(files: Mapping[str, Sequence[Path]]) -> Mapping[str, str]:
            known = nodes()
            request = {
                "marts": [
                    {
                        "mart": mart,
                        "paths": [str(path) for path in paths],
                        "expectations": suite(known, mart, project_dir),
                    }
                    for mart, paths in files.items()
                ],
                "docs": str(output_dir / DOCS),
            }
            answer, _ = worker.communicate(json.dumps(request).encode())
            return _read(answer, worker.returncode, log_dir)

        yield judge


def _log_in(log_dir: Path) -> IO[bytes]:
    """Open the log; where it cannot be written the checks go on without."""
    try:
        log_dir.mkdir(parents=True, exist_ok=True)
        return (log_dir / "gate.log").open("wb")
    except OSError:
        return Path(os.devnull).open("wb")


def _read(answer: bytes, exit_code: int, log_dir: Path) -> Mapping[str, str]:
    from runner.gate.worker import Answer

    try:
        failed = Answer.model_validate_json(answer).failed
    except ValidationError:
        raise TieoutError(
            f"The exports could not be checked (exit code {exit_code}, see {log_dir / 'gate.log'}): "
            "the earlier files are untouched."
        ) from None
    for mart, reason in failed.items():
        logs.event("gate", mart=mart, reason=reason)
    return failed


@contextmanager
def _worker(printed: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"GX_ANALYTICS_ENABLED": "false", "PYTHONUTF8": "1"}
    process = subprocess.Popen(  # noqa: S603 (this interpreter and our own module)
        [sys.executable, *WORKER],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=printed,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
