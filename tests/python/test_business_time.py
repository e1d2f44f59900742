"""Business time of random calendars in zones of every kind, much of it around the changes of the clocks."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import scenario
from oracle import compare
from oracle.inputs import Inputs, Settings, load
from project_copy import shared_copy

AS_OF = datetime(2026, 5, 20, 10, 30, 15)
FIRST = datetime(2025, 3, 1)
CASES = 1500

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


@pytest.fixture(scope="module")
def random_support(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Inputs]:
    """A warehouse of cases with a priority for each calendar, and what it was built from."""
    chance = random.Random(20260520)  # noqa: S311 (the same cases every time)
    folder = tmp_path_factory.mktemp("business_time")
    raw_dir = scenario.write(_raw(chance), folder / "raw")
    project = shared_copy()
    project.start_over(_seeds(chance))
    project.build(raw_dir, AS_OF, "--select", "+fct_support_case_sla")
    inputs = load(raw_dir, project.seeds_dir)
    return project.warehouse.rename(folder / "warehouse.duckdb"), inputs


def test_elapsed_time_and_due_moments_equal_a_walk_by_the_minute(random_support: tuple[Path, Inputs]) -> None:
    warehouse, inputs = random_support
    expected = compare.recomputed("support", inputs, Settings(AS_OF))["fct_support_case_sla"]
    assert expected["due_at"].notna().sum() > CASES
    assert set(expected["sla_status"]) >= {"met", "breached", "open_breached", "open_on_track", "open_at_risk"}
    with compare.opened(warehouse) as connection:
        compare.assert_mart(connection, "fct_support_case_sla", expected)


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
    if changes and chance.random() < 0.5:
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
