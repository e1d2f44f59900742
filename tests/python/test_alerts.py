"""What is told, to whom and when: once, and again when it worsens, escalates or is over; all well stays silent."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alert_standins import AS_OF, Company, alert, json_of
from rich.console import Console
from typer.testing import CliRunner, Result

from runner.alerts import service
from runner.alerts.run_report import RunReport, keep_report, report_death
from runner.cli import app
from runner.errors import BusyError, TieoutError
from runner.settings import Settings
from runner.state import locked

COST = "msp:invoice_variance:corporate / complex"


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    """A company whose alerts go to the file, and after a day to another one."""
    company = Company(tmp_path / "company")
    company.routes(
        *(
            f"{domain},,{severity},team,24,boss"
            for domain in ("msp", "revenue", "support", "operations")
            for severity in ("critical", "warning", "info")
        )
    )
    for name in ("team", "boss", "other"):
        monkeypatch.setenv(f"TIEOUT_CHANNEL_{name.upper()}_URL", (tmp_path / f"{name}.jsonl").as_uri())
    for name, value in company.environment.items():
        monkeypatch.setenv(name, value)
    return company


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


class Told:
    """What the channels were told since the last look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, int] = {}

    def __call__(self, channel: str = "team") -> list[tuple[str, str]]:
        path = self._folder / f"{channel}.jsonl"
        lines = json_of(path) if path.is_file() else []
        new = lines[self._seen.get(channel, 0) :]
        self._seen[channel] = len(lines)
        return [(line["alert_key"], line["kind"]) for line in new]


def later(hours: float) -> timedelta:
    return timedelta(hours=hours)


def command(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["alerts", *arguments])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


def test_a_condition_is_announced_once_and_when_it_is_over(company: Company, told: Told) -> None:
    company.put([alert("Corporate / Complex")])
    assert company.tell() == 0
    assert told() == [(COST, "new")]
    company.tell()
    company.put([alert("Corporate / Complex")], AS_OF + later(1))
    company.tell()
    assert told() == []
    company.put([], AS_OF + later(2))
    company.tell()
    assert told() == [(COST, "resolved")]
    company.tell()
    assert told() == []


def test_what_comes_back_is_announced_again(company: Company, told: Told) -> None:
    for hours, rows in enumerate(([alert("Corporate / Complex")], [], [alert("Corporate / Complex")])):
        company.put(rows, AS_OF + later(hours))
        company.tell()
    assert told() == [(COST, "new"), (COST, "resolved"), (COST, "new")]


def test_all_well_stays_silent(company: Company, told: Told, tmp_path: Path) -> None:
    company.put([])
    assert company.tell() == 0
    assert told() == []
    assert not (tmp_path / "team.jsonl").exists()


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        ({"severity": "warning"}, {"severity": "critical"}, True),
        ({"severity": "critical"}, {"severity": "warning"}, False),
        ({"observed": Decimal(-3000)}, {"observed": Decimal(-3749)}, False),
        ({"observed": Decimal(-3000)}, {"observed": Decimal(-3750)}, True),
        ({"observed": Decimal(3000)}, {"observed": Decimal(2100)}, False),
        # Below its bound: a score that falls.
        (
            {"threshold": Decimal(95), "observed": Decimal(90)},
            {"threshold": Decimal(95), "observed": Decimal(72)},
            True,
        ),
        (
            {"threshold": Decimal(95), "observed": Decimal(90)},
            {"threshold": Decimal(95), "observed": Decimal(94)},
            False,
        ),
    ],
)
def test_it_is_told_again_when_it_worsens(
    company: Company, told: Told, before: dict[str, object], after: dict[str, object], is_told: bool
) -> None:
    company.put([alert("Corporate / Complex", **before)])
    company.tell()
    company.put([alert("Corporate / Complex", **after)], AS_OF + later(1))
    company.tell()
    company.tell()
    assert told() == [(COST, "new"), *([(COST, "worsened")] if is_told else [])]


def test_worse_is_measured_against_what_was_told_not_against_the_last_run(company: Company, told: Told) -> None:
    for hours, observed in enumerate((3000, 3500, 3800, 4000, 4600, 4800)):
        company.put([alert("Corporate / Complex", observed=Decimal(observed))], AS_OF + later(hours))
        company.tell()
    assert told() == [(COST, "new"), (COST, "worsened"), (COST, "worsened")]


def test_it_escalates_once_by_its_age_on_the_clock_of_the_figures(company: Company, told: Told) -> None:
    for hours in (0, 23.9):
        company.put([alert("Corporate / Complex")], AS_OF + later(hours))
        company.tell()
    assert told("boss") == []
    for hours in (24, 30, 60):
        company.put([alert("Corporate / Complex")], AS_OF + later(hours))
        company.tell()
    assert told("boss") == [(COST, "escalated")]
    company.put([], AS_OF + later(61))
    company.tell()
    assert told("boss") == [(COST, "resolved")]
    assert told() == [(COST, "new"), (COST, "resolved")]


def test_an_acknowledged_condition_does_not_escalate_until_it_gets_more_severe(company: Company, told: Told) -> None:
    company.put([alert("Corporate / Complex", severity="warning")])
    company.tell()
    command("ack", "a1", "--by", "Ann", "--note", "asked the provider")
    company.put([alert("Corporate / Complex", severity="warning", observed=Decimal(9000))], AS_OF + later(30))
    company.tell()
    assert (told(), told("boss")) == ([(COST, "new")], [])
    company.put([alert("Corporate / Complex", severity="critical")], AS_OF + later(31))
    company.tell()
    assert (told(), told("boss")) == ([(COST, "worsened")], [(COST, "escalated")])
    shown = command("history", "A1").output
    assert "acknowledged: asked the provider" in shown
    assert "Ann" in shown


def test_a_snoozed_condition_is_not_told_of_until_it_wakes_or_is_over(company: Company, told: Told) -> None:
    company.put([alert("Corporate / Complex", severity="warning"), alert("Unassigned / Simple")])
    company.tell()
    told()
    command("snooze", COST, "--until", "2026-07-02T06:00:00Z")
    assert "snoozed until 2026-07-02T06:00:00Z" in command("list").output
    company.put([alert("Corporate / Complex"), alert("Unassigned / Simple")], AS_OF + later(30))
    company.tell()
    assert (told(), told("boss")) == ([], [("msp:invoice_variance:unassigned / simple", "escalated")])
    company.put([alert("Corporate / Complex")], AS_OF + later(48))
    company.tell()
    assert told() == [(COST, "worsened"), ("msp:invoice_variance:unassigned / simple", "resolved")]
    assert (COST, "escalated") in told("boss")


def test_snooze_0_wakes_it(company: Company, told: Told) -> None:
    company.put([alert("Corporate / Complex", severity="warning")])
    company.tell()
    command("snooze", "msp:*", "--hours", "100000")
    company.put([alert("Corporate / Complex")], AS_OF + later(1))
    company.tell()
    command("snooze", "msp:*", "--hours", "0")
    company.tell()
    assert told() == [(COST, "new"), (COST, "worsened")]


def test_routes_of_the_rule_come_before_those_of_any_rule(company: Company, told: Told) -> None:
    company.routes("msp,,critical,team,,", "msp,Invoice_Variance,Critical,other,,")
    company.put([alert("Corporate / Complex"), alert("Corporate / Complex", rule="missing_invoice")])
    company.tell()
    assert told("other") == [(COST, "new")]
    assert told() == [("msp:missing_invoice:corporate / complex", "new")]


def test_those_who_were_told_hear_that_it_is_worse_wherever_worse_things_go(company: Company, told: Told) -> None:
    company.routes("msp,,warning,team,,", "msp,,critical,other,,")
    for hours, severity in enumerate(("warning", "critical")):
        company.put([alert("Corporate / Complex", severity=severity)], AS_OF + later(hours))
        company.tell()
    assert told() == [(COST, "new"), (COST, "worsened")]
    assert told("other") == [(COST, "worsened")]


def test_without_a_route_it_is_said_and_told_as_soon_as_there_is_one(company: Company, told: Told) -> None:
    company.routes("support,,critical,team,,")
    company.put([alert("Corporate / Complex")])
    assert "Alerts without a route: 1, such as msp:invoice_variance:corporate / complex" in command().output
    company.routes("msp,,critical,team,,")
    company.tell()
    assert told() == [(COST, "new")]


def test_a_domain_that_was_not_built_is_neither_over_nor_news(company: Company, told: Told) -> None:
    quality = alert("msp", domain="operations", data_domain="msp", rule="quality_below_threshold")
    company.put([alert("Corporate / Complex"), quality])
    company.tell()
    told()
    company.put([], AS_OF + later(1), domains=["support"])
    company.tell()
    assert told() == []
    company.put([], AS_OF + later(2), domains=["msp"])
    company.tell()
    assert [kind for _, kind in told()] == ["resolved", "resolved"]


def test_alerts_that_were_held_back_say_nothing_is_over(company: Company, told: Told) -> None:
    company.put([alert("Corporate / Complex")])
    company.tell()
    company.put([], AS_OF + later(1), status="stale")
    assert company.tell() == 0
    assert told() == [(COST, "new")]


def test_a_report_of_the_past_made_again_tells_nobody(company: Company, told: Told) -> None:
    company.put([alert("Corporate / Complex")])
    company.tell()
    company.put([alert("Unassigned / Simple")], AS_OF - later(24))
    assert "later ones were told of" in command().output
    assert told() == [(COST, "new")]


def test_a_file_that_is_not_the_manifests_is_not_believed(company: Company, told: Told) -> None:
    company.put([alert("Corporate / Complex")])
    company.tell()
    manifest = (company.output_dir / "manifest.json").read_bytes()
    company.put([])
    (company.output_dir / "manifest.json").write_bytes(manifest)
    assert "is not the one of the manifest" in command(code=2).stderr
    assert told() == [(COST, "new")]
    keep_report(company.ledger, report_death(AS_OF, TieoutError("gone")))
    assert "is not the one of the manifest" in command(code=1).output
    assert told() == [("operations:failed_run:run", "new")]


def test_thousands_of_alerts_are_listed_to_a_limit_and_then_counted(company: Company, tmp_path: Path) -> None:
    company.put([alert(f"Case {n}", severity="info" if n < 1000 else "critical") for n in range(1050)])
    company.tell()
    lines = json_of(tmp_path / "team.jsonl")
    assert [line["tone"] for line in lines[:61]] == ["critical"] * 50 + ["info"] * 11
    assert lines[60]["sentence"] == "990 of them, such as: Case 10 differs by -2923.20 GBP."
    assert (len(lines), lines[60]["reference"]) == (61, "A11 to A1000")
    assert {notice["sent_at"] is None for notice in company.history()} == {False}


def test_a_failed_run_is_told_and_over_with_the_next_good_one(
    company: Company, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_TEST_PASSWORD", "hunter22")

    def dies(_: Settings, __: Console) -> int:
        raise TieoutError("The warehouse is gone (password hunter22)")

    with pytest.raises(TieoutError, match="The warehouse is gone"):
        service.run_and_tell(company.settings, Console(quiet=True), dies)
    assert told() == [("operations:failed_run:run", "new")]
    assert b"hunter22" not in company.ledger.read_bytes()

    def runs(settings: Settings, _: Console) -> int:
        report = RunReport(as_of=settings.as_of, data_domains=["msp", "operations"], conditions=[])
        keep_report(service.ledger_path(settings), report)
        company.put([])
        return 0

    assert service.run_and_tell(company.settings, Console(quiet=True), runs) == 0
    assert told() == [("operations:failed_run:run", "resolved")]


def test_a_run_that_died_is_told_whatever_moment_it_looked_at(company: Company, told: Told) -> None:
    company.put([])
    company.tell()
    keep_report(company.ledger, report_death(AS_OF - later(24), TieoutError("gone")))
    company.tell()
    assert told() == [("operations:failed_run:run", "new")]


def test_a_delivery_that_finds_another_at_work_leaves_the_news_to_the_next(company: Company, told: Told) -> None:
    company.put([alert("Corporate / Complex")])
    with locked(company.ledger.with_name(f"{company.ledger.name}.lock")):
        assert service.run_and_tell(company.settings, Console(quiet=True), lambda _, __: 0) == 1
        command(code=3)
    assert told() == []
    company.tell()
    assert told() == [(COST, "new")]


def test_a_run_that_found_another_at_work_is_no_failure(company: Company, told: Told) -> None:
    def busy(_: Settings, __: Console) -> int:
        raise BusyError("Another run is at work")

    company.put([])
    with pytest.raises(BusyError):
        service.run_and_tell(company.settings, Console(quiet=True), busy)
    assert told() == []


def test_a_run_that_died_leaves_what_an_earlier_one_reported(company: Company, told: Told) -> None:
    failed = (
        report_death(AS_OF, TieoutError("x"))
        .conditions[0]
        .model_copy(update={"alert_key": "operations:failed_test:t", "rule": "failed_test", "data_domain": "msp"})
    )
    company.put([])
    keep_report(company.ledger, RunReport(as_of=AS_OF, data_domains=["msp", "operations"], conditions=[failed]))
    company.tell()
    keep_report(company.ledger, report_death(AS_OF + later(1), TieoutError("gone")))
    company.tell()
    assert told() == [("operations:failed_test:t", "new"), ("operations:failed_run:run", "new")]


def test_a_dry_run_shows_the_exact_messages_and_changes_nothing(
    company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TIEOUT_CHANNEL_TEAM_URL", (tmp_path / "team.txt").as_uri())
    company.put([alert("Corporate / Complex")])
    shown = command("--dry-run").output
    assert not (tmp_path / "team.txt").exists()
    assert command("--dry-run").output == shown
    assert company.history() == []
    company.tell()
    sent = (tmp_path / "team.txt").read_text(encoding="utf-8")
    assert shown == f"--- to team ---\n{sent.rstrip()}\n"
    assert command("--dry-run").output == "Nothing would be sent.\n"


def test_list_and_history_tell_what_stands_and_what_was_done(company: Company) -> None:
    company.put([alert("Corporate / Complex")])
    command()
    assert [("A1" in line, "announced" in line) for line in command("list").output.splitlines()[1:]] == [(True, True)]
    company.put([], AS_OF + later(1))
    command()
    assert "A1" not in command("list").output
    assert "over since" in command("list", "--all").output
    lines = command("history").output
    assert lines.index("new") < lines.index("resolved")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ack", "A99"], "There is no alert 'A99'"),
        (["snooze", "A1"], "Give either --hours or --until"),
        (["snooze", "A1", "--until", "tomorrow"], "no ISO 8601 moment"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(company: Company, arguments: list[str], says: str) -> None:
    company.put([alert("Corporate / Complex")])
    company.tell()
    (sentence,) = command(*arguments, code=2).stderr.strip().splitlines()
    assert says in sentence


def test_without_exports_or_ledger_it_says_what_makes_them(company: Company) -> None:
    assert "write them with 'tieout run'" in command(code=2).stderr
    company.ledger.unlink()
    assert "it is made by the first 'tieout alerts'" in command("list", code=2).stderr


def test_a_damaged_ledger_is_named(company: Company) -> None:
    company.put([])
    company.ledger.write_bytes(b"this is no ledger, but long enough to be looked at as one" * 40)
    (sentence,) = command(code=2).stderr.strip().splitlines()
    assert str(company.ledger) in sentence


def test_a_wrong_setting_is_named(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    company.put([])
    monkeypatch.setenv("TIEOUT_ALERT_ATTEMPTS", "many")
    assert "TIEOUT_ALERT_ATTEMPTS is 'many'" in command(code=2).stderr
