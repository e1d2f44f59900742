"""Business time of random calendars in zones of every kind, much of it around the changes of the clocks."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
import scenario
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import clock, compare, support
from oracle.inputs import Inputs, Settings, load
from project_copy import shared_copy

AS_OF = datetime(2026, 5, 20, 10, 30, 15)
FIRST = datetime(2025, 3, 1)
CASES = 10_000

# Half and three-quarter hours, both hemispheres, a change of half an hour, none at all.
ZONES = [
    "UTC",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/Santiago",
]


# Business time between two moments and back, as the models work them out (measured_in_calendar).
PROBE = """
select
    asked.number,
    {{ open_seconds_at('end_segments', 'asked.ends_at') }}
    - ({{ open_seconds_at('start_segments', 'asked.starts_at') }}) as open_seconds
from asked
inner join {{ ref('int_calendar_segments') }} as start_segments
    on {{ segment_holds('start_segments', 'asked.calendar_key', 'asked.starts_at') }}
inner join {{ ref('int_calendar_segments') }} as end_segments
    on {{ segment_holds('end_segments', 'asked.calendar_key', 'asked.ends_at') }}
order by asked.number
"""


@dataclass(frozen=True)
class RandomSupport:
    """A warehouse of 10,000 cases with a priority for each calendar, and what it was built from."""

    warehouse: Path
    inputs: Inputs
    calendars: dict[str, clock.Calendar]
    probe: str
    """PROBE, compiled."""


@pytest.fixture(scope="module")
def random_support(tmp_path_factory: pytest.TempPathFactory) -> RandomSupport:
    chance = random.Random(20260520)  # noqa: S311 (the same cases every time)
    folder = tmp_path_factory.mktemp("business_time")
    raw_dir = scenario.write(_raw(chance), folder / "raw")
    project = shared_copy()
    project.start_over(_seeds(chance))
    project.build(raw_dir, AS_OF, "--select", "+fct_support_case_sla")
    inputs = load(raw_dir, project.seeds_dir)
    calendars = support.calendars(inputs, FIRST, AS_OF)
    probe = project.compiled(PROBE)
    return RandomSupport(project.warehouse.rename(folder / "warehouse.duckdb"), inputs, calendars, probe)


def test_elapsed_time_and_due_moments_equal_a_walk_by_the_minute(random_support: RandomSupport) -> None:
    expected = compare.recomputed("support", random_support.inputs, Settings(AS_OF))["fct_support_case_sla"]
    assert expected["due_at"].notna().sum() > CASES
    assert set(expected["sla_status"]) >= {"met", "breached", "open_breached", "open_on_track", "open_at_risk"}
    with compare.opened(random_support.warehouse) as connection:
        compare.assert_mart(connection, "fct_support_case_sla", expected)


# A calendar begins with its first case.
LAID_OUT_FROM = FIRST + timedelta(days=40)
SECOND = st.integers(0, int((AS_OF - LAID_OUT_FROM).total_seconds()))
THREE_MOMENTS = st.lists(SECOND, min_size=3, max_size=3).map(sorted)


@given(spans=st.lists(st.tuples(st.integers(0, len(ZONES) - 1), THREE_MOMENTS), min_size=1, max_size=50))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_business_time_adds_up_and_is_never_longer_than_wall_time(
    random_support: RandomSupport, spans: list[tuple[int, list[int]]]
) -> None:
    asked: list[tuple[int, str, datetime, datetime]] = []
    expected: list[int] = []
    for which, seconds in spans:
        start, middle, end = (LAID_OUT_FROM + timedelta(seconds=second) for second in seconds)
        for begin, until in ((start, middle), (middle, end), (start, end)):
            asked.append((len(asked), f"CAL_{which}", begin, until))
            calendar = random_support.calendars[f"CAL_{which}"]
            expected.append(calendar.between(clock.seconds(begin), clock.seconds(until)))
    with duckdb.connect() as connection:
        connection.execute(f"attach '{random_support.warehouse.as_posix()}' as warehouse (read_only)")
        types = "number integer, calendar_key text, starts_at timestamp, ends_at timestamp"
        connection.execute(f"create table asked ({types})")
        connection.executemany("insert into asked values (?, ?, ?, ?)", asked)
        found = [open_seconds for _, open_seconds in connection.execute(random_support.probe).fetchall()]
    assert found == expected
    for number, (_, seconds) in enumerate(spans):
        first, second, whole = found[3 * number : 3 * number + 3]
        assert first + second == whole
        assert 0 <= whole <= seconds[2] - seconds[0]


def _seeds(chance: random.Random) -> dict[str, str]:
    windows: scenario.Table = []
    holidays: scenario.Table = []
    targets: scenario.Table = []
    for number, zone in enumerate(ZONES):
        name = f"cal_{number}"
        for weekday in chance.sample(range(1, 8), chance.randint(2, 7)):
            edges = sorted(chance.sample(range(24 * 4 + 1), 2 * chance.randint(1, 2)))
            if chance.random() < 0.3:
                edges = [0, 96]
            for opens, closes in zip(edges[::2], edges[1::2], strict=True):
                windows.append(
                    {
                        "calendar_id": name,
                        "iana_timezone": zone,
                        "iso_weekday": str(weekday),
                        "opens_at": _wall_clock(opens),
                        "closes_at": _wall_clock(closes),
                    }
                )
        for day in {date(2025, 3, 1) + timedelta(days=chance.randrange(500)) for _ in range(40)}:
            holidays.append({"calendar_id": name, "holiday_on": day.isoformat(), "name": "off"})
        for metric in ("first_response", "resolution"):
            targets.append(
                {
                    "priority": f"R{number}",
                    "customer_tier": "",
                    "metric": metric,
                    "target_minutes": str(chance.choice([1, 30, 60, 479, 480, 1440, 5000])),
                    "calendar_id": name,
                    "valid_from": "2000-01-01",
                    "valid_to": "",
                }
            )
    return {
        "business_calendars": scenario.as_csv(windows),
        "calendar_holidays": scenario.as_csv(holidays),
        "sla_targets": scenario.as_csv(targets),
    }


def _wall_clock(quarters: int) -> str:
    return f"{quarters // 4:02d}:{quarters % 4 * 15:02d}"


def _raw(chance: random.Random) -> dict[str, scenario.Table]:
    changes = {zone: _changes_of_the_clocks(zone) for zone in ZONES}
    cases: scenario.Table = []
    events: scenario.Table = []
    (blank_case, *_), (blank_event, *_) = scenario.RAW["support_cases"], scenario.RAW["support_case_events"]
    for number in range(CASES):
        which = chance.randrange(len(ZONES))
        created = _moment(chance, changes[ZONES[which]])
        resolved = created + timedelta(seconds=chance.choice([0, 59, 3600, chance.randrange(20 * 86400)]))
        is_open = chance.random() < 0.3
        responded = created + (resolved - created) * chance.random()
        case = {
            **blank_case,
            "case_id": f"R-{number}",
            "priority": f"R{which}",
            "case_status": "open" if is_open else "closed",
            "created_at": _text(created),
            "first_responded_at": "" if chance.random() < 0.2 else _text(responded),
            "resolved_at": "" if is_open else _text(resolved),
            "closed_at": "",
            "updated_at": _text(resolved),
        }
        cases.append(case)
        at = created
        for step in range(chance.choice([0, 0, 1, 3, 6])):
            at += timedelta(seconds=chance.choice([0, 1, 900, chance.randrange(4 * 86400)]))
            status = chance.choice(["open", "pending", "pending", "on_hold", "resolved", "closed"])
            events.append(
                {
                    **blank_event,
                    "event_id": f"R-{number}-{step}",
                    "case_id": case["case_id"],
                    "case_status": status,
                    "occurred_at": _text(at),
                }
            )
    return {"support_cases": cases, "support_case_events": events}


def _moment(chance: random.Random, changes: list[datetime]) -> datetime:
    if changes and chance.random() < 0.8:
        return chance.choice(changes) + timedelta(seconds=chance.randint(-6 * 3600, 6 * 3600))
    return FIRST + timedelta(seconds=chance.randrange(int((AS_OF - FIRST).total_seconds())))


def _changes_of_the_clocks(zone: str) -> list[datetime]:
    """The UTC hours after which the offset of a zone is another."""
    local = ZoneInfo(zone)
    utc = ZoneInfo("UTC")
    hours = [FIRST + timedelta(hours=number) for number in range(int((AS_OF - FIRST) / timedelta(hours=1)))]
    offsets = [hour.replace(tzinfo=utc).astimezone(local).utcoffset() for hour in hours]
    return [hours[number] for number in range(1, len(hours)) if offsets[number] != offsets[number - 1]]


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
