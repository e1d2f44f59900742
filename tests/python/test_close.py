"""Closing a month: every reason against it at once, the figures kept and the seed written wholly or not at all."""

from __future__ import annotations

import codecs
import hashlib
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Built
from typer.testing import CliRunner, Result

from runner import close
from runner.build import BuildResult
from runner.cli import app
from runner.errors import TieoutError
from runner.seed_checks import inspect_seeds
from runner.seed_files import UnreadableSeedError, with_row
from runner.state import locked, seed_fingerprints

PROJECT = Path(__file__).resolve().parents[2]
COLUMNS = ["domain", "period", "closed_on", "closed_by"]
ROW = {"domain": "msp", "period": "2026-04-01", "closed_on": "2026-06-30", "closed_by": "Zoë; Kim"}
EXCEL = b"\xef\xbb\xbfdomain;period;closed_on;closed_by\r\n"


class Office:
    """The built project where finance closes months: a warehouse, seeds and alerts of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = root / "project"
        self.warehouse = root / "w" / "tieout.duckdb"
        self.seed = self.project / "seeds" / "operations" / "period_closes.csv"
        self.packs = root / "packs"
        self.state = self.warehouse.with_suffix(".state.json")

    def tieout(self, *arguments: str) -> Result:
        environment = {
            "TIEOUT_PROJECT_DIR": str(self.project),
            "TIEOUT_DUCKDB_PATH": str(self.warehouse),
            "TIEOUT_EVIDENCE_DIR": str(self.packs),
            "COLUMNS": "300",
        }
        return CliRunner().invoke(app, list(arguments), env=environment)

    def close(self, *arguments: str) -> Result:
        return self.tieout("close", *arguments)

    def change(self, statement: str) -> None:
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def write_seed(self, content: bytes) -> None:
        """Edit the seed as if the last run had seen it so."""
        self.seed.write_bytes(content)
        state = json.loads(self.state.read_text(encoding="utf-8"))
        state["seeds"] = seed_fingerprints(self.project)
        self.state.write_text(json.dumps(state), encoding="utf-8")


@pytest.fixture(scope="module")
def opened(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Nothing was done about the alerts yet."""
    office = Office(tmp_path_factory.mktemp("office"))
    office.project.mkdir()
    for name in ("models", "macros", "seeds", "snapshots", "tests"):
        shutil.copytree(PROJECT / name, office.project / name, ignore=shutil.ignore_patterns("python", "__pycache__"))
    for name in ("dbt_project.yml", "packages.yml", "package-lock.yml", "profiles.yml.example"):
        shutil.copy(PROJECT / name, office.project / name)
    shutil.copytree(PROJECT / "runner" / "standin" / "dbt_utils", office.project / "dbt_packages" / "dbt_utils")
    office.warehouse.parent.mkdir()
    for suffix in (".duckdb", ".state.json"):
        shutil.copy(built.warehouse.with_suffix(suffix), office.warehouse.with_suffix(suffix))
    shutil.copytree(built.warehouse.with_suffix(".dbt"), office.warehouse.with_suffix(".dbt"))
    return office


def copied(office: Office, root: Path) -> Office:
    shutil.copytree(office.root, root)
    return Office(root)


@pytest.fixture(scope="module")
def ready(opened: Office, built: Built, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Somebody is at every critical alert: a month can be closed."""
    office = copied(opened, tmp_path_factory.mktemp("ready") / "office")
    for arguments in (("alerts", "--output-dir", str(built.output_dir)), ("alerts", "ack", "*")):
        result = office.tieout(*arguments)
        assert result.exit_code == 0, result.output
    return office


@pytest.fixture
def office(ready: Office, tmp_path: Path) -> Office:
    return copied(ready, tmp_path / "office")


def said(result: Result) -> str:
    return " ".join(result.output.replace("│", " ").split())


def test_every_reason_against_a_closing_is_told_at_once(opened: Office, tmp_path: Path) -> None:
    office = copied(opened, tmp_path / "office")
    office.write_seed(
        b"domain,period,closed_on,closed_by\nmsp,2026-03-01,2026-04-03,Kim\nmsp,2026-06-01,2026-06-30,Kim\n"
    )
    rates = office.project / "seeds" / "msp" / "tier_rates.csv"
    rates.write_bytes(rates.read_bytes() + b"\n")
    office.seed.chmod(0o444)
    alert = "alert_key, domain, rule, severity, subject, measure, message, detected_at, data_domain"
    office.change(
        f"insert into alerts ({alert}) values ('operations:stale_source:service_tasks', 'operations', 'stale_source', "
        "'warning', 'service_tasks', 'age_hours', 'Table service_tasks shows nothing new.', now(), 'msp')"
    )
    results = office.warehouse.with_suffix(".dbt") / "run_results.json"
    told = json.loads(results.read_text(encoding="utf-8"))
    failing = next(
        one for one in told["results"] if one["unique_id"].startswith("test.") and "msp_cost" in one["unique_id"]
    )
    failing |= {"status": "fail", "failures": 3}
    results.write_text(json.dumps(told), encoding="utf-8")
    before = office.seed.read_bytes()
    result = office.close("msp", "2026-06", "--by", "Kim", "--as-of", "2026-07-02")
    assert result.exit_code == 1, result.output
    for sentence in (
        "2026-06 is not over at 2026-06-30T23:59:59Z: run as of 2026-07-01T00:00:00Z or later",
        "msp 2026-06 was closed on 2026-06-30 by Kim",
        "Still open before it: 2026-04, 2026-05;",
        "built as of 2026-06-30T23:59:59Z and not 2026-07-02T00:00:00Z",
        "tier_rates changed since the last run",
        "seeds/operations/period_closes.csv cannot be written (it is read-only)",
        f"Test {failing['unique_id'].split('.')[2]} of the last run came out as fail (3 rows)",
        "Table service_tasks shows nothing new: have it delivered",
        "Critical: Corporate / Complex 2025-10: no invoice has been received",
        "Critical: Contact Center / Complex 2026-03: no invoice has been received",
    ):
        assert said(result).count(sentence) == 1, (sentence, result.output)
    assert "Nothing is closed: 10 reasons." in said(result)
    # What is wrong with revenue is nobody's business here.
    assert "recognized_outside_term" not in said(result)
    assert office.seed.read_bytes() == before
    assert not office.packs.exists()


def test_a_month_is_closed_wholly_or_not_at_all(office: Office) -> None:
    office.write_seed(EXCEL)
    kept = "select count(*) from main_intermediate.int_msp_closed_figures"
    # A test that fails after the figures were kept.
    failing = office.project / "tests" / "msp" / "assert_nothing_is_ever_closed.sql"
    failing.write_text("select * from {{ ref('int_msp_closed_figures') }} where kind = 'period'", encoding="utf-8")
    result = office.close("msp", "2026-04", "--by", "Kim")
    assert result.exit_code == 2, result.output
    assert "msp 2026-04 is not closed, as assert_nothing_is_ever_closed failed" in said(result)
    assert office.seed.read_bytes() == EXCEL
    assert office.rows(kept) == [(0,)]
    assert office.rows("select count(*) from main_seeds.period_closes") == [(0,)]
    assert not office.packs.exists()
    failing.unlink()

    # What an attempt that died has kept is not what the month is closed at.
    office.change(
        "insert into main_intermediate.int_msp_closed_figures (period, closed_on, kind, subject_key, subject) "
        "values ('2026-04-01', '2026-06-30', 'period', '(period)', '(period)')"
    )
    result = office.close("msp", "2026-04", "--check")
    assert (result.exit_code, said(result).count("msp 2026-04 can be closed")) == (0, 1), result.output
    assert office.seed.read_bytes() == EXCEL
    result = office.close("msp", "2026-04", "--by", "Zoë Kim")
    assert result.exit_code == 0, result.output
    assert "No month of msp before 2026-04 was ever closed" in said(result)
    assert "Nothing of msp changed since its months were closed." in said(result)
    assert office.seed.read_bytes() == EXCEL + "msp;2026-04-01;2026-06-30;Zoë Kim\r\n".encode()
    ((tasks, points, gbp),) = office.rows(
        "select count(*), sum(activity_points), sum(amount_gbp) from fct_service_tasks "
        "where billing_month = '2026-04-01'"
    )
    assert office.rows(
        "select count(*), sum(activity_points), sum(amount_gbp) from main_intermediate.int_msp_closed_figures "
        "where kind = 'task' and period = '2026-04-01' and closed_on = '2026-06-30'"
    ) == [(tasks, points, gbp)]
    assert tasks > 500
    (pack,) = office.packs.glob("2026-04_msp_as_of_*")
    facts = json.loads((pack / "pack.json").read_text(encoding="utf-8"))
    (seed,) = [one for one in facts["seeds"] if one["name"] == "period_closes"]
    assert seed["sha256"] == hashlib.sha256(office.seed.read_bytes()).hexdigest()
    assert (facts["closed_on"], facts["closed_by"]) == ("2026-06-30", "Zoë Kim")
    assert "closed on 2026-06-30 by Zoë Kim" in (pack / "README.md").read_text(encoding="utf-8")
    assert '"msp",2026-04-01,2026-06-30,"Zoë Kim"' in (pack / "rules" / "period_closes.csv").read_text("utf-8-sig")

    after = office.seed.read_bytes()
    result = office.close("msp", "2026-04", "--by", "Lee")
    assert result.exit_code == 1
    assert "msp 2026-04 was closed on 2026-06-30 by Zoë Kim" in said(result)
    assert office.seed.read_bytes() == after
    # The next month follows without a run between the two.
    assert office.close("msp", "2026-05", "--check").exit_code == 0


class Builds:
    """Stands in for dbt: what the seeds of each build held, and what happens meanwhile."""

    def __init__(self, meanwhile: Any = None) -> None:
        self.seeds: list[bytes] = []
        self._meanwhile = meanwhile

    def __call__(self, *_: object, seeds_dir: Path, **__: object) -> BuildResult:
        self.seeds.append((seeds_dir / "operations" / "period_closes.csv").read_bytes())
        if self._meanwhile and len(self.seeds) == 1:
            self._meanwhile()
        return BuildResult((), {})


def test_an_edit_of_the_seed_while_the_month_is_closed_stays(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    before = office.seed.read_bytes()
    edited = before + b"revenue,2026-04-01,2026-05-04,Lee\n"
    builds = Builds(lambda: office.seed.write_bytes(edited))
    monkeypatch.setattr(close, "build_closing", builds)
    result = office.close("msp", "2026-04", "--by", "Kim")
    assert result.exit_code == 2
    assert "period_closes.csv was changed while the month was being closed" in said(result)
    assert office.seed.read_bytes() == edited
    assert builds.seeds == [before + b"msp,2026-04-01,2026-06-30,Kim\n", before], "the warehouse was not taken back"


def test_a_seed_that_another_program_holds_leaves_the_month_open(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = office.seed.read_bytes()
    builds = Builds()
    monkeypatch.setattr(close, "build_closing", builds)
    replace = Path.replace

    def held(self: Path, target: Path) -> Path:
        if self.name == ".period_closes.csv.part":
            raise PermissionError(13, "Permission denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    result = office.close("msp", "2026-04", "--by", "Kim")
    assert result.exit_code == 2
    assert "cannot be written (Permission denied), so nothing is closed" in said(result)
    assert office.seed.read_bytes() == before
    assert [path.name for path in office.seed.parent.glob(".*")] == []
    assert len(builds.seeds) == 2
    assert builds.seeds[1] == before


def test_a_closing_stands_though_its_evidence_cannot_be_written(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise TieoutError("The disk is full: make room.")

    monkeypatch.setattr(close, "build_closing", Builds())
    monkeypatch.setattr(close, "write_pack", full)
    office.change(
        "insert into rpt_restatements values ('msp', '2026-02-01', 'amount_gbp', 'T9', 10, 12.5, 2.5, 'override'), "
        "('revenue', '2026-02-01', 'booked_amount', 'D9', 10, 12.5, 2.5, 'rate')"
    )
    result = office.close("msp", "2026-04", "--by", "Kim")
    assert result.exit_code == 1
    assert "the month is closed all the same: The disk is full" in said(result)
    assert "'tieout evidence 2026-04 --domain msp'" in said(result)
    assert office.seed.read_bytes().endswith(b"msp,2026-04-01,2026-06-30,Kim\n")
    # What changed in months closed before is shown, that of the other domain is not.
    assert "2026-02 amount_gbp T9 override 10.00 12.50 +2.50" in said(result)
    assert "D9" not in said(result)


def test_figures_that_are_not_those_kept_close_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    before = office.seed.read_bytes()
    monkeypatch.setattr(close, "build_closing", Builds())
    office.change(
        "insert into rpt_restatements values ('msp', '2026-04-01', 'amount_gbp', 'T9', 10, 12.5, 2.5, 'late row')"
    )
    result = office.close("msp", "2026-04", "--by", "Kim")
    assert result.exit_code == 2
    assert "so nothing is closed" in said(result)
    assert office.seed.read_bytes() == before


def test_two_people_do_not_close_a_month_twice(office: Office) -> None:
    # At once on one machine.
    with locked(office.warehouse.with_suffix(".lock")):
        result = office.close("msp", "2026-04", "--by", "Lee")
    assert result.exit_code == 3
    assert "Another run of tieout is at work" in said(result)
    # The other one on a machine of their own: the warehouse knows. So it is after a closing that was killed.
    office.change("insert into main_seeds.period_closes values ('MSP', '2026-03-01', '2026-06-30', 'Lee')")
    result = office.close("msp", "2026-04", "--by", "Kim")
    assert result.exit_code == 1
    assert "The warehouse holds a closing of msp 2026-03 by Lee that period_closes.csv does not" in said(result)
    # Each in a clone and a warehouse of their own: both rows meet in the file.
    twice = with_row(with_row(office.seed.read_bytes(), COLUMNS, ROW), COLUMNS, ROW)
    office.seed.write_bytes(twice)
    (refused,) = inspect_seeds(office.project / "seeds").of("refused")
    assert (refused.file, refused.problem) == ("seeds/operations/period_closes.csv", "the same as in row 2")


def test_a_run_that_did_not_end_is_no_ground_to_close_on(office: Office) -> None:
    manifest = office.warehouse.with_suffix(".dbt") / "manifest.json"
    told = json.loads(manifest.read_text(encoding="utf-8"))
    told["metadata"]["invocation_id"] = "another"
    manifest.write_text(json.dumps(told), encoding="utf-8")
    result = office.close("msp", "2026-04", "--check")
    assert result.exit_code == 1
    assert "A run began after the last one and did not end" in said(result)
    # Nor is what dbt by itself has built at another moment.
    office.change("update main_intermediate.int_run_settings set as_of = '2026-06-29 12:00:00'")
    result = office.close("msp", "2026-04", "--check")
    assert "built as of 2026-06-29T12:00:00Z since the last run, which was as of 2026-06-30T23:59:59Z" in said(result)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("support", "2026-04", "--by", "Kim"), "Periods of support cannot be closed"),
        (("sales", "2026-04", "--by", "Kim"), "Domain 'sales' has no months to account for: give msp or revenue."),
        (("msp", "April", "--by", "Kim"), "MONTH is 'April', which is no month: write it like 2026-04."),
        (("msp", "2026-04"), "Who closes the month? Give --by NAME"),
        (("msp", "2026-04", "--by", " "), "--by is ' ', which is no name"),
        (("msp", "2026-04", "--by", "=cmd()"), "--by is '=cmd()', which is no name"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_a_sentence(
    ready: Office, arguments: tuple[str, ...], sentence: str
) -> None:
    result = ready.close(*arguments)
    assert result.exit_code == 2
    assert sentence in said(result)


HEADER = "domain,period,closed_on,closed_by"
# The file as it is, and what is added to it.
SHAPES: dict[str, tuple[bytes, bytes]] = {
    "as it is shipped": (f"{HEADER}\n".encode(), "msp,2026-04-01,2026-06-30,Zoë; Kim\n".encode()),
    "no end of the last line": (HEADER.encode(), "\nmsp,2026-04-01,2026-06-30,Zoë; Kim\n".encode()),
    "semicolons, a mark and ends of lines of Excel": (EXCEL, 'msp;2026-04-01;2026-06-30;"Zoë; Kim"\r\n'.encode()),
    "Windows-1252": (
        f"{HEADER}\r\nmsp,2026-03-01,2026-04-02,José\r\n".encode("cp1252"),
        "msp,2026-04-01,2026-06-30,Zoë; Kim\r\n".encode("cp1252"),
    ),
    "UTF-16 with tabs": (
        codecs.BOM_UTF16_LE + HEADER.replace(",", "\t").encode("utf-16-le"),
        "\nmsp\t2026-04-01\t2026-06-30\tZoë; Kim\n".encode("utf-16-le"),
    ),
    "other order, days and empty rows": (
        b"closed_by,closed_on,period,domain,\r\nKim,31/03/2026,2026-02-01,msp,\r\n,,,,\r\n",
        "Zoë; Kim,2026-06-30,2026-04-01,msp,\r\n".encode(),
    ),
    "a line for the spreadsheet": (b"sep=;\r\n" + EXCEL[3:], 'msp;2026-04-01;2026-06-30;"Zoë; Kim"\r\n'.encode()),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_row_joins_a_file_whose_bytes_stay(shape: str, tmp_path: Path) -> None:
    content, added = SHAPES[shape]
    written = with_row(content, COLUMNS, ROW)
    assert written == content + added
    # The check of the seeds reads what was written.
    seeds = tmp_path / "seeds"
    shutil.copytree(PROJECT / "seeds", seeds)
    (path,) = seeds.rglob("period_closes.csv")
    path.write_bytes(written)
    report = inspect_seeds(seeds)
    assert report.of("refused") == []
    closing: Any = report.tables["period_closes"][-1].cells
    assert (closing.domain, closing.period, closing.closed_by) == ("msp", date(2026, 4, 1), "Zoë; Kim")


def test_a_name_the_encoding_lacks_is_refused() -> None:
    content = f"{HEADER}\nmsp,2026-03-01,2026-04-02,José\n".encode("cp1252")
    with pytest.raises(UnreadableSeedError, match="the file is Windows-1252, which has no 'Ł'"):
        with_row(content, COLUMNS, ROW | {"closed_by": "Łucja"})
