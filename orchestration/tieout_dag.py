"""The run of tieout as an Airflow DAG: the seeds are checked, everything is built and exported, alerts are delivered.

Airflow lives in an environment of its own and calls the command `tieout`; nothing of tieout is imported here. When it
runs stands in the environment of Airflow, where and with what in its Variables:

| environment | default |
|---|---|
| `TIEOUT_AIRFLOW_SCHEDULE` | `0 6 * * *`; `*/15 * * * *` for every quarter of an hour |
| `TIEOUT_AIRFLOW_TIMEZONE` | `UTC` |

| Variable | default |
|---|---|
| `tieout_command` | `tieout`, as the PATH of the worker has it |
| `tieout_project_dir` | the folder above this one |
| `tieout_environment` | `{}`; JSON of TIEOUT_... settings on top of the worker's environment, where secrets belong |

A run looks at the end of its interval, so that a cleared run of an old day gives the figures of that day.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, ClassVar

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.providers.standard.operators.latest_only import LatestOnlyOperator
from airflow.sdk import DAG, BaseOperator, CronDataIntervalTimetable, Param, TriggerRule, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

REFUSED, ANOTHER_RUN_IS_GOING = 1, 3
"""Exit codes of tieout besides 0 and 2: the data or a seed failed a test; another run is at work."""


class TieoutOperator(BaseOperator):
    """Call tieout; what it prints is the log of the task.

    Args:
        arguments: of the command line.
        is_refusal_final: whether exit code 1 fails the task at once, as the same rows would fail again.
        options: of the operator.
    """

    template_fields: Sequence[str] = ("command", "project_dir", "environment", "arguments")
    ui_color: ClassVar[str] = "#dfeee5"

    def __init__(self, *, arguments: Sequence[str], is_refusal_final: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.arguments = list(arguments)
        self.is_refusal_final = is_refusal_final
        self.command = "{{ var.value.get('tieout_command', 'tieout') }}"
        self.project_dir = "{{ var.value.get('tieout_project_dir', '') }}"
        self.environment: str | Mapping[str, str] = "{{ var.json.get('tieout_environment', {}) }}"
        self._process = SubprocessHook()

    def execute(self, context: Mapping[str, Any]) -> None:  # noqa: ARG002 (Airflow's interface)
        """Run the command.

        Raises:
            AirflowSkipException: another run is at work.
            AirflowFailException: a seed or the data failed a test; trying again would not help.
            AirflowException: it could not run, and is tried again.
        """
        project_dir = self.project_dir or str(Path(__file__).resolve().parent.parent)
        environment = {**os.environ, "TIEOUT_PROJECT_DIR": project_dir, "COLUMNS": "160", **self.environment}
        code = self._process.run_command(
            [self.command, *map(str, self.arguments)], environment, cwd=project_dir
        ).exit_code
        called = f"tieout {' '.join(map(str, self.arguments))}"
        if code == ANOTHER_RUN_IS_GOING:
            raise AirflowSkipException(f"Another run of tieout is at work: '{called}' was left out.")
        if code == REFUSED and self.is_refusal_final:
            raise AirflowFailException(f"'{called}' found what must be mended first: it stands in the lines above.")
        if code:
            raise AirflowException(f"'{called}' ended with exit code {code}: why stands in the lines above.")

    def on_kill(self) -> None:
        """End the command with the task: a run that is stopped leaves the exports as they were."""
        self._process.send_sigterm()


with DAG(
    dag_id="tieout",
    description="Service charges, revenue and support figures, tied out.",
    doc_md=__doc__,
    schedule=CronDataIntervalTimetable(
        os.environ.get("TIEOUT_AIRFLOW_SCHEDULE", "0 6 * * *"),
        timezone=os.environ.get("TIEOUT_AIRFLOW_TIMEZONE", "UTC"),
    ),
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),  # noqa: UP017 (as Airflow's own examples)
    catchup=False,
    # One warehouse, one run.
    max_active_runs=1,
    render_template_as_native_obj=True,
    params={
        "as_of": Param(
            None,
            type=["null", "string"],
            title="As of",
            description="Moment the figures look at, ISO 8601 UTC; empty: the end of the interval.",
        )
    },
    default_args={
        "retries": 3,
        "retry_delay": timedelta(minutes=2),
        "retry_exponential_backoff": 2,
        "max_retry_delay": timedelta(minutes=30),
        "execution_timeout": timedelta(hours=4),
    },
    tags=["tieout"],
) as dag:
    check_seeds = TieoutOperator(task_id="check_seeds", arguments=["check"])

    build_and_export = TieoutOperator(
        task_id="build_and_export",
        arguments=["run", "--as-of", "{{ params.as_of or (data_interval_end or dag_run.run_after).isoformat() }}"],
    )

    # What an old day looked like is no news. A build that failed is, and one that another run does is told by that.
    latest_only = LatestOnlyOperator(task_id="latest_only", trigger_rule=TriggerRule.NONE_SKIPPED)

    deliver_alerts = TieoutOperator(task_id="deliver_alerts", arguments=["alerts"], is_refusal_final=False)

    @task(trigger_rule=TriggerRule.ONE_FAILED, retries=0)
    def tell_failure() -> None:
        """Fail the run where a task failed: Airflow would go by the last task alone."""
        raise AirflowFailException("A task of this run failed.")

    check_seeds >> build_and_export >> latest_only >> deliver_alerts
    [check_seeds, build_and_export, deliver_alerts] >> tell_failure()
