"""Real incidents under invented calendars on five continents, and their backlog on every day of a month."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import product
from pathlib import Path

import duckdb
import pytest
import scenario
from oracle import compare, support
from oracle.inputs import Inputs, Settings, load
from project_copy import ProjectCopy, shared_copy
from uci import UCI, is_there

AS_OF = datetime(2016, 5, 20, 15, 0, 0)
MAY = [date(2016, 5, day) for day in range(1, 32)]

# Half hours, the southern half, a zone without daylight saving; a window across UTC's midnight in most of them.
CALENDARS = {
    "24x7": ("UTC", range(1, 8), [("00:00", "24:00")]),
    "london": ("Europe/London", range(1, 6), [("09:00", "17:30")]),
    "new_york": ("America/New_York", range(1, 7), [("08:00", "12:00"), ("13:00", "20:15")]),
    "sao_paulo": ("America/Sao_Paulo", range(1, 6), [("08:30", "18:00")]),
    "kolkata": ("Asia/Kolkata", range(1, 7), [("00:00", "06:30"), ("22:00", "24:00")]),
    "adelaide": ("Australia/Adelaide", range(1, 6), [("07:00", "23:00")]),
    "johannesburg": ("Africa/Johannesburg", range(2, 8), [("10:00", "19:00")]),
}

# Targets change on these days: cases of a priority pass from calendar to calendar.
DAYS = [
    date(2000, 1, 1),
    date(2016, 3, 10),
    date(2016, 3, 24),
    date(2016, 4, 7),
    date(2016, 4, 18),
    date(2016, 4, 28),
    date(2016, 5, 8),
    date(2030, 1, 1),
]

# What of a run depends on as_of and makes the backlog, in the order of building.
AS_OF_MODELS = [
    "int_run_settings",
    "int_support_daily_backlog",
    "backlog_spike_by_dimension",
    "backlog_spike_summary",
    "volume_trend",
    "backlog_summary",
]

pytestmark = is_there


@dataclass(frozen=True)
class Incidents:
    """A warehouse of the real incidents, what it was built from, and the SQL of the models that know of as_of."""

    warehouse: Path
    inputs: Inputs
    statements: list[str]


@pytest.fixture(scope="module")
def incidents(tmp_path_factory: pytest.TempPathFactory) -> Incidents:
    folder = tmp_path_factory.mktemp("incidents")
    project = shared_copy()
    project.start_over(_seeds())
    project.build(UCI, AS_OF, "--select", "+fct_support_case_sla", *AS_OF_MODELS)
    inputs = load(UCI, project.seeds_dir)
    statements = [_statement(project, model) for model in AS_OF_MODELS]
    return Incidents(project.warehouse.rename(folder / "warehouse.duckdb"), inputs, statements)


def test_real_incidents_on_calendars_of_seven_zones_equal_a_walk_by_the_minute(incidents: Incidents) -> None:
    settings = Settings(AS_OF)
    cases = support.existing_cases(incidents.inputs, settings)
    expected = support.sla_frame(support.sla_rows(incidents.inputs, settings, cases))
    assert set(expected["calendar_id"]) == set(CALENDARS)
    assert set(expected["sla_status"]) >= {"met", "breached", "open_breached", "open_on_track"}
    with compare.opened(incidents.warehouse) as connection:
        compare.assert_mart(connection, "fct_support_case_sla", expected)


def test_the_backlog_of_every_day_of_may_is_the_one_counted_from_what_happened(incidents: Incidents) -> None:
    counted = _counted(incidents.inputs)
    assert len(set(counted.values())) > len(MAY) // 2
    replayed = dict(_replayed(incidents))
    assert replayed == {day: (count, count, count) for day, count in counted.items()}


def test_the_trend_of_the_last_day_shows_every_day_as_it_was_reported(incidents: Incidents) -> None:
    counted = _counted(incidents.inputs)
    with _copy_of(incidents.warehouse) as connection:
        _look_at(connection, incidents.statements, datetime.combine(MAY[-1], time(23, 59, 59)))
        trend = dict(connection.execute("select day, open_backlog from volume_trend").fetchall())
    assert trend == {day: counted[day] for day in MAY[1:]}


def _replayed(incidents: Incidents) -> Iterator[tuple[date, tuple[int, int, int]]]:
    """The backlog in three marts, as of the last second of each day."""
    with _copy_of(incidents.warehouse) as connection:
        for day in MAY:
            _look_at(connection, incidents.statements, datetime.combine(day, time(23, 59, 59)))
            (trend,) = connection.execute("select open_backlog from volume_trend where day = ?", [day]).fetchall()
            (spike,) = connection.execute("select open_backlog from backlog_spike_summary").fetchall()
            (summary,) = connection.execute("select sum(open_cases)::integer from backlog_summary").fetchall()
            yield day, (trend[0], spike[0], summary[0])


@contextmanager
def _copy_of(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    copy = warehouse.parent / "replayed" / warehouse.name
    copy.parent.mkdir(exist_ok=True)
    shutil.copy(warehouse, copy)
    with duckdb.connect(str(copy)) as connection:
        yield connection


def _look_at(connection: duckdb.DuckDBPyConnection, statements: list[str], moment: datetime) -> None:
    """Build the models that know of as_of again, in the SQL that dbt made of them, at another moment."""
    connection.execute("begin")
    for statement in statements:
        connection.execute(statement.replace(f"'{AS_OF}'", f"'{moment}'"))
    connection.execute("commit")


def _statement(project: ProjectCopy, model: str) -> str:
    # Unit tests leave what they are given under its name, in folders called like their files.
    compiled = (project.target / "compiled").rglob(f"{model}.sql")
    (file,) = (path for path in compiled if path.parent.suffix != ".yml")
    schema = "main" if "marts" in file.parts else "main_intermediate"
    sql = file.read_text(encoding="utf-8")
    assert (f"'{AS_OF}'" in sql) == (model == "int_run_settings")
    return f"create or replace table {schema}.{model} as {sql}"


def _seeds() -> dict[str, str]:
    windows: scenario.Table = [
        {
            "calendar_id": name,
            "iana_timezone": zone,
            "iso_weekday": str(weekday),
            "opens_at": opens,
            "closes_at": closes,
        }
        for name, (zone, weekdays, hours) in CALENDARS.items()
        for weekday in weekdays
        for opens, closes in hours
    ]
    holidays: scenario.Table = [
        {"calendar_id": name, "holiday_on": day, "name": "off"}
        for name, day in product(CALENDARS, ("2016-03-25", "2016-03-28", "2016-05-02", "2016-05-16"))
        if name != "24x7"
    ]
    targets: scenario.Table = []
    for metric, minutes in (("first_response", 240), ("resolution", 2400)):
        for number, (calendar_id, priority) in enumerate(product(CALENDARS, ("P1", "P2", "P3", "P4"))):
            turn = number // 4 + number % 4 + (3 if metric == "resolution" else 0)
            targets.append(
                {
                    "priority": priority,
                    "customer_tier": "",
                    "metric": metric,
                    "target_minutes": str(minutes),
                    "calendar_id": calendar_id,
                    "valid_from": DAYS[turn % 7].isoformat(),
                    "valid_to": (DAYS[turn % 7 + 1]).isoformat(),
                }
            )
    return {
        "business_calendars": scenario.as_csv(windows),
        "calendar_holidays": scenario.as_csv(holidays),
        "sla_targets": scenario.as_csv(targets),
    }


def _counted(inputs: Inputs) -> dict[date, int]:
    """Arrivals less departures by the end of each day; every incident of this log is closed in the end."""
    arrivals, departures = [], []
    for case in inputs.rows("support_cases"):
        arrivals.append(case["created_at"])
        departures.append(max(case["resolved_at"] or case["closed_at"], case["created_at"]))
    ends = {day: datetime.combine(day, time.max) for day in MAY}
    return {day: sum(at <= end for at in arrivals) - sum(at <= end for at in departures) for day, end in ends.items()}
