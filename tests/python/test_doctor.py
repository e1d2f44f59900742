"""The doctor names what is missing and how to get it."""

from __future__ import annotations

import importlib.metadata
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from runner import doctor
from runner.cli import app
from runner.seed_rows import AlertRoute
from runner.settings import resolve

ROUTES = [
    AlertRoute.model_validate({"domain": "msp", "rule": None, "severity": "info", **route})
    for route in (
        {"channel": "file", "escalate_after_hours": "4", "escalate_to": "On-Call"},
        {"channel": "finance team", "escalate_after_hours": None, "escalate_to": None},
    )
]


@pytest.fixture(autouse=True)
def _well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine where all is well but for what a test takes away."""
    for table in ("support_cases", "support_case_events"):
        path = tmp_path / "raw" / "support" / f"{table}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setenv("TIEOUT_RAW_DIR", str(tmp_path / "raw"))
    monkeypatch.setenv("TIEOUT_OUTPUT_DIR", str(tmp_path / "exports"))
    monkeypatch.setenv("TIEOUT_DUCKDB_PATH", str(tmp_path / "w" / "tieout.duckdb"))
    monkeypatch.setattr("runner.deps.is_installed", lambda _: True)
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: ["pyarrow>=1", "ruff>=1000; extra == 'dev'"])


def finding(item: str, **options: Path | str) -> doctor.Finding:
    raw_dir = options.get("raw_dir")
    target = options.get("target")
    settings = resolve(
        raw_dir=Path(raw_dir) if raw_dir else Path(resolve_raw()), target=str(target) if target else None
    )
    return next(found for found in doctor.examine(settings) if found.item == item)


def resolve_raw() -> str:
    import os

    return os.environ["TIEOUT_RAW_DIR"]


def test_where_all_is_well_it_says_so() -> None:
    result = CliRunner().invoke(app, ["doctor"], env={"COLUMNS": "250"})
    assert result.exit_code == 0, result.output
    assert "missing" not in result.output


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: ["no-such-package>=1", "pyarrow<1"])
    found = finding("packages")
    assert found.is_missing
    assert "no-such-package is not installed; pyarrow is" in found.state
    assert "requirements.lock" in found.remedy
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 2


def test_missing_git_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert finding("git").is_missing


def test_missing_dbt_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.deps.is_installed", lambda _: False)
    found = finding("dbt packages")
    assert found.is_missing
    assert "tieout deps" in found.remedy


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_OLDEST_PYTHON", (99, 0))
    assert finding("Python").is_missing


def test_an_unknown_target_is_named() -> None:
    assert finding("target", target="oracle").is_missing


def test_domains_are_told_apart(tmp_path: Path) -> None:
    assert not finding("domain support").is_missing
    assert not finding("domain msp").is_missing
    (tmp_path / "raw" / "support" / "support_cases.parquet").unlink()
    found = finding("domain support")
    assert found.is_missing
    assert "support/support_cases" in found.remedy


def test_a_missing_raw_folder_is_named(tmp_path: Path) -> None:
    found = finding("raw folder", raw_dir=tmp_path / "nowhere")
    assert found.is_missing
    assert "tieout sample" in found.remedy


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TIEOUT_DUCKDB_PATH", str(tmp_path / "file" / "tieout.duckdb"))
    assert finding("warehouse").is_missing


def test_a_warehouse_that_cannot_be_reached_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_SNOWFLAKE_ACCOUNT", "org-account")
    monkeypatch.setenv("TIEOUT_SNOWFLAKE_USER", "tieout")
    monkeypatch.setenv("TIEOUT_SNOWFLAKE_PRIVATE_KEY_PATH", str(tmp_path / "no_such_key.p8"))
    found = finding("connection snowflake", target="snowflake")
    assert found.is_missing
    assert "Snowflake account org-account cannot be reached" in found.state
    assert "no_such_key.p8" in found.state


def test_a_warehouse_elsewhere_needs_no_raw_folder(tmp_path: Path) -> None:
    settings = resolve(raw_dir=tmp_path / "nowhere", target="snowflake_password")
    assert "raw folder" not in [found.item for found in doctor.examine(settings)]


def test_a_channel_without_an_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.alerts.routes.read_routes", lambda _: ROUTES)
    monkeypatch.setenv(
        "TIEOUT_CHANNEL_FINANCE_TEAM_URL", "slack+https://chat.example.com/hooks/slack-secret-0123456789"
    )
    assert finding("alert channel file") == doctor.Finding("alert channel file", "has an address")
    assert finding("alert channel finance team") == doctor.Finding("alert channel finance team", "has an address")
    found = finding("alert channel on-call")
    assert found.is_missing
    assert "has no address: set TIEOUT_CHANNEL_ON_CALL_URL" in found.state
    assert "alert_routes.csv" in found.remedy


@pytest.mark.parametrize(
    "address",
    [
        "secret-0123456789",
        "https://secret-0123456789.example.com/x",
        "slack+https://secret-0123456789",
        "smtp://tieout:secret/0123456789@mail.example.com?from=a@example.com&to=b@example.com",
        "smtp://tieout:secret-0123456789@mail.example.com?from=a@example.com",
        "smtp://tieout:secret-0123456789@mail.example.com?from=a@example.com&to=nobody",
        "smtp://tieout:0123456789@mail.example.com:secret?from=a@example.com&to=b@example.com",
        "file:///secret-0123456789/",
    ],
)
def test_an_address_that_cannot_be_used_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr("runner.alerts.routes.read_routes", lambda _: ROUTES)
    monkeypatch.setenv("TIEOUT_CHANNEL_ON_CALL_URL", address)
    shown = CliRunner().invoke(app, ["doctor"], env={"COLUMNS": "400"})
    assert shown.exit_code == 2
    (line,) = (line for line in shown.output.splitlines() if "alert channel on-call" in line)
    assert line.startswith("missing")
    assert "TIEOUT_CHANNEL_ON_CALL_URL" in line
    for piece in ("secret", "0123456789"):
        assert piece not in shown.output
