"""The DAG in a real Airflow: it loads, runs once on a small sample, and takes every exit code of tieout as it should.

Airflow has an environment of its own, `.venv-airflow`; `make test-airflow` makes it and runs this.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from runner import sample_data
from runner.exports import read_manifest

PROJECT = Path(__file__).resolve().parents[2]
PYTHON = Path(
    os.environ.get("TIEOUT_AIRFLOW_PYTHON")
    or PROJECT / ".venv-airflow" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
)
TIEOUT = Path(sys.executable).with_name("tieout")
TASKS = ("check_seeds", "build_and_export", "latest_only", "deliver_alerts", "tell_failure")

pytestmark = pytest.mark.skipif(not PYTHON.is_file(), reason="no Airflow at .venv-airflow: run 'make test-airflow'")

# What the operator does for each exit code, said by Airflow's own exceptions.
EXIT_CODES = """
import json, sys
sys.path.insert(0, sys.argv[1])
from tieout_dag import TieoutOperator, dag

def outcome(code, **options):
    operator = TieoutOperator(task_id="any", arguments=["-c", f"import sys; sys.exit({code})"], **options)
    operator.command, operator.project_dir, operator.environment = sys.executable, "", {}
    try:
        operator.execute({})
    except Exception as error:
        return type(error).__name__
    return "success"

print(json.dumps({
    "run": [outcome(code) for code in range(4)],
    "alerts": [outcome(code, is_refusal_final=False) for code in range(4)],
    "dag": [dag.catchup, dag.max_active_runs, dag.task_dict["build_and_export"].retries, dag.timetable.expression],
}))
"""


class Airflow:
    """An Airflow with its metadata in a folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("TIEOUT_", "PY"))}
        self.environment |= {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "orchestration"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        }
        self.said(PYTHON, "-m", "airflow", "db", "migrate")

    def said(self, *command: str | Path, variables: Mapping[str, str] | None = None, code: int = 0) -> str:
        """Run a command; gives its standard output."""
        given = {f"AIRFLOW_VAR_{name.upper()}": value for name, value in (variables or {}).items()}
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.home,
            env=self.environment | given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, (done.stdout + done.stderr)[-5000:]
        return done.stdout

    def run(self, moment: str, variables: Mapping[str, str], code: int = 0) -> dict[str, str]:
        """Run the DAG for the interval that ends then; gives the state of each task, and of the run."""
        self.said(PYTHON, "-m", "airflow", "dags", "test", "tieout", moment, variables=variables, code=code)
        with sqlite3.connect(self.home / "airflow.db") as database:
            ((run_id, state),) = database.execute(
                "select run_id, state from dag_run where logical_date = ?", [f"{moment.replace('T', ' ')}.000000"]
            )
            tasks = database.execute("select task_id, state from task_instance where run_id = ?", [run_id]).fetchall()
        return {**dict(tasks), "run": state}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    return Airflow(tmp_path_factory.mktemp("airflow"))


def states(*each: str) -> dict[str, str]:
    return dict(zip((*TASKS, "run"), each, strict=True))


def test_it_loads_and_takes_every_exit_code_as_it_should(airflow: Airflow) -> None:
    found = json.loads(airflow.said(PYTHON, "-c", EXIT_CODES, PROJECT / "orchestration").splitlines()[-1])
    again, not_again, left_out = "AirflowException", "AirflowFailException", "AirflowSkipException"
    assert found["run"] == ["success", not_again, again, left_out]
    assert found["alerts"] == ["success", again, again, left_out]
    assert found["dag"] == [False, 1, 3, "0 6 * * *"]
    errors = airflow.said(PYTHON, "-m", "airflow", "dags", "list-import-errors", "-l", "-o", "json")
    assert errors.splitlines()[-1] == "[]"


def test_a_run_gives_the_figures_of_the_end_of_its_interval(airflow: Airflow, tmp_path: Path) -> None:
    sample_data.make(sample_data.SampleFacts(scale=0.1), tmp_path / "sample")
    settings = {
        "TIEOUT_RAW_DIR": str(tmp_path / "sample"),
        "TIEOUT_DUCKDB_PATH": str(tmp_path / "tieout.duckdb"),
        "TIEOUT_OUTPUT_DIR": str(tmp_path / "exports"),
        "TIEOUT_LOG_DIR": str(tmp_path / "logs"),
    }
    variables = {"tieout_command": str(TIEOUT), "tieout_environment": json.dumps(settings)}
    found = airflow.run("2026-06-30T06:00:00", variables)
    assert found == states("success", "success", "success", "success", "skipped", "success")
    manifest = read_manifest(tmp_path / "exports")
    assert manifest is not None
    assert manifest.as_of == "2026-06-30T06:00:00Z"
    assert {file.status for file in manifest.files} == {"current"}
    assert (tmp_path / "exports" / "fct_service_tasks.csv").stat().st_size > 1000
    assert (tmp_path / "exports" / "report.html").is_file()
    assert (tmp_path / "tieout.alerts.sqlite").is_file()


@pytest.mark.parametrize(
    ("moment", "codes", "expected"),
    [
        ("2026-06-01T06:00:00", {"run": 1}, ("success", "failed", "success", "success", "failed", "failed")),
        ("2026-06-02T06:00:00", {"run": 3}, ("success", "skipped", "skipped", "skipped", "skipped", "success")),
        (
            "2026-06-03T06:00:00",
            {"check": 1},
            ("failed", "upstream_failed", "success", "success", "failed", "failed"),
        ),
    ],
)
def test_a_run_fails_where_a_task_does_and_alerts_are_delivered_all_the_same(
    airflow: Airflow, tmp_path: Path, moment: str, codes: Mapping[str, int], expected: tuple[str, ...]
) -> None:
    command = tmp_path / "tieout"
    command.write_text(f"#!{sys.executable}\nimport sys\nsys.exit({dict(codes)!r}.get(sys.argv[1], 0))\n")
    command.chmod(0o755)
    found = airflow.run(moment, {"tieout_command": str(command)}, code=int(expected[-1] == "failed"))
    assert found == states(*expected)
