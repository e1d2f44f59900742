"""The command line: what cannot be done is one sentence and exit code 2, the traceback only in the log."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock
from typer.testing import CliRunner

from runner.cli import app

PROJECT = Path(__file__).resolve().parent.parent.parent
TABLES = (
    "service_desk/service_tickets",
    "service_desk/service_tasks",
    "service_desk/hardware_assets",
    "service_desk/software_requests",
    "msp_billing/msp_invoice_lines",
)


@pytest.fixture
def raw_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A raw folder with the (empty) files of one domain, and a warehouse of its own."""
    for table in TABLES:
        path = tmp_path / "raw" / f"{table}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setenv("TIEOUT_DUCKDB_PATH", str(tmp_path / "w" / "tieout.duckdb"))
    monkeypatch.setenv("TIEOUT_OUTPUT_DIR", str(tmp_path / "exports"))
    return tmp_path / "raw"


def refused(*arguments: str, code: int = 2) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    (sentence,) = result.stderr.strip().splitlines()
    return str(sentence)


def test_help_lists_the_commands_without_loading_dbt() -> None:
    loaded = "import sys, runner.cli; print([name for name in ('dbt', 'duckdb', 'pyarrow') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    output = CliRunner().invoke(app, ["--help"]).output
    for command in ("demo", "run", "sample", "export", "doctor", "deps"):
        assert command in output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--as-of", "yesterday"], "as_of (--as-of, TIEOUT_AS_OF) is 'yesterday'"),
        (["--select-domain", "sales"], "Domain 'sales'"),
        (["--target", "oracle"], "Target 'oracle' (--target, TIEOUT_TARGET) is not in profiles.yml"),
        (["--raw-dir", "no/such/folder"], "no/such/folder (--raw-dir, TIEOUT_RAW_DIR) does not exist"),
    ],
)
def test_a_bad_setting_is_one_sentence(raw_dir: Path, arguments: list[str], says: str) -> None:
    given = [] if "--raw-dir" in arguments else ["--raw-dir", str(raw_dir)]
    assert says in refused("run", *given, *arguments)


def test_settings_come_from_the_environment_too(raw_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_RAW_DIR", str(raw_dir))
    monkeypatch.setenv("TIEOUT_SELECT_DOMAIN", "support,revenue")
    assert "No domain can be built" in refused("run")
    monkeypatch.setenv("TIEOUT_AS_OF", "soon")
    assert "'soon'" in refused("run")


def test_a_second_run_is_refused_at_once(raw_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    holder = "import sys, filelock\nwith filelock.FileLock(sys.argv[1]):\n print('held', flush=True)\n sys.stdin.read()"
    lock = tmp_path / "w" / "tieout.lock"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        started = time.monotonic()
        assert "Another run of tieout is at work" in refused("run", "--raw-dir", str(raw_dir), code=3)
        assert time.monotonic() - started < 5
        process.communicate("")
    assert not FileLock(lock).is_locked


def test_bad_seeds_are_listed_before_anything_is_built(
    raw_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    for name in ("models/staging", "seeds"):
        shutil.copytree(PROJECT / name, project / name)
    for name in ("dbt_project.yml", "profiles.yml.example", "packages.yml", "package-lock.yml"):
        shutil.copy(PROJECT / name, project)
    with (project / "seeds" / "revenue" / "fx_rates.csv").open("a", encoding="utf-8") as rates:
        rates.write("EURO,2026-01-15,0\n")
    monkeypatch.setenv("TIEOUT_PROJECT_DIR", str(project))

    result = CliRunner().invoke(app, ["run", "--raw-dir", str(raw_dir)], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert "Seeds to mend" in result.stderr
    assert "EURO" in result.stderr
    assert "3 problems in all" in result.stderr.splitlines()[-1]
    assert not (tmp_path / "w" / "tieout.duckdb").exists()
    assert list((tmp_path / "exports").glob("*.csv")) == []


def test_check_tells_what_is_wrong_and_writes_what_a_spreadsheet_damaged_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    shutil.copytree(PROJECT / "seeds", project / "seeds")
    for name in ("dbt_project.yml", "profiles.yml.example"):
        shutil.copy(PROJECT / name, project)
    monkeypatch.setenv("TIEOUT_PROJECT_DIR", str(project))
    rates = project / "seeds" / "revenue" / "fx_rates.csv"
    header, *rows = rates.read_text(encoding="utf-8").splitlines()

    rates.write_text("\n".join([header, *rows, "CHF,01/02/2026,1.1"]), encoding="utf-8")
    result = CliRunner().invoke(app, ["check"], env={"COLUMNS": "200"})
    assert result.exit_code == 1
    assert "CHF" not in result.stdout
    assert "2026-01-02 or 2026-02-01" in " ".join(result.stdout.split())

    rates.write_text("\n".join([header, *rows, "CHF,46023,1.1"]).replace(",", ";"), encoding="utf-8")
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 0
    assert "2 normalized" in result.stdout
    assert "46023" in rates.read_text(encoding="utf-8")
    result = CliRunner().invoke(app, ["check", "--fix"])
    assert result.exit_code == 0
    assert rates.read_text(encoding="utf-8").splitlines()[-1] == "CHF,2026-01-01,1.1"
    assert "0 normalized" in CliRunner().invoke(app, ["check"]).stdout


def test_an_output_folder_that_cannot_be_written_is_named(raw_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = refused("run", "--raw-dir", str(raw_dir), "--output-dir", str(tmp_path / "file"))
    assert "The output folder" in sentence
    assert "--output-dir" in sentence


def test_export_before_any_run_says_what_to_do(raw_dir: Path) -> None:  # noqa: ARG001 (its own warehouse)
    assert "'tieout run'" in refused("export")


def test_an_unexpected_error_is_one_sentence_and_its_traceback_is_in_the_log(
    raw_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError("by nothing\nsecond line")

    monkeypatch.setattr("runner.run.run", explode)
    sentence = refused("run", "--raw-dir", str(raw_dir))
    assert sentence.startswith("Unexpected ZeroDivisionError: by nothing (the traceback is in")
    assert "Traceback" in (tmp_path / "logs" / "tieout.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [["--end", "someday"], ["--scale", "0"], ["--months", "0"]])
def test_a_sample_that_cannot_be_made_is_refused(arguments: list[str], tmp_path: Path) -> None:
    assert arguments[0] in refused("sample", "--out", str(tmp_path / "sample"), *arguments)


def test_a_sample_is_never_made_over_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "ledger.csv").touch()
    assert "holds files that are no sample" in refused("sample", "--out", str(tmp_path / "mine"))


def test_a_folder_without_the_project_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_PROJECT_DIR", str(tmp_path))
    assert "has no dbt_project.yml" in refused("run")
