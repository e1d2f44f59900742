"""Settings: what is understood, and that what is not is refused in one sentence with the remedy."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from runner import snowflake_patience
from runner.errors import SettingError
from runner.settings import parse_as_of, parse_domains, resolve


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-06-30T23:59:59", (2026, 6, 30, 23, 59, 59)),
        ("2026-06-30T23:59:59Z", (2026, 6, 30, 23, 59, 59)),
        (" 2026-06-30 23:59:59 ", (2026, 6, 30, 23, 59, 59)),
        ("2026-06-30T23:59:59.999999Z", (2026, 6, 30, 23, 59, 59)),
        ("2026-07-01T01:59:59+02:00", (2026, 6, 30, 23, 59, 59)),
        ("2026-06-30", (2026, 6, 30, 0, 0, 0)),
    ],
)
def test_as_of_is_read_as_utc_in_whole_seconds(text: str, moment: tuple[int, int, int, int, int, int]) -> None:
    assert parse_as_of(text) == datetime(*moment, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["yesterday", "30/06/2026", "2026-02-30", "2026-06-30T25:00:00", "1066-10-14", "0001-01-01T00:00+14:00"]
)
def test_an_as_of_that_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match=r"as_of \(--as-of, TIEOUT_AS_OF\)"):
        parse_as_of(text)


@pytest.mark.parametrize(
    ("given", "domains"),
    [
        ((), ("msp", "revenue", "support")),
        (("support", "msp"), ("msp", "support")),
        (("Support,MSP",), ("msp", "support")),
        (("revenue revenue",), ("revenue",)),
    ],
)
def test_domains_are_kept_in_the_projects_order(given: tuple[str, ...], domains: tuple[str, ...]) -> None:
    assert parse_domains(given) == domains


def test_an_unknown_domain_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingError, match=r"'sales'.*msp, revenue, support"):
        parse_domains(["msp", "sales"])


def test_defaults_are_the_projects_folders_and_the_start_of_the_run() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    settings = resolve()
    assert settings.raw_dir == settings.project_dir / "data" / "sample"
    assert settings.output_dir == settings.project_dir / "exports"
    assert set(settings.targets.values()) == {"duckdb"}
    assert before <= settings.as_of <= datetime.now(UTC)


def test_a_path_given_is_taken_from_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve(raw_dir=Path("mine")).raw_dir == tmp_path / "mine"


@pytest.mark.parametrize("given", ["0", "-1", "soon", "1.5"])
def test_a_patience_with_snowflake_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv(snowflake_patience.VARIABLE, given)
    with pytest.raises(SettingError, match=f"TIEOUT_SNOWFLAKE_TIMEOUT_SECONDS is '{given}'"):
        snowflake_patience.seconds()


def test_a_login_is_given_up_sooner_than_a_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (snowflake_patience.login_seconds(), snowflake_patience.seconds()) == (60, 3600)
    monkeypatch.setenv(snowflake_patience.VARIABLE, "5")
    assert (snowflake_patience.login_seconds(), snowflake_patience.seconds()) == (5, 5)
