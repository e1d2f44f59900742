"""Runs that are kept from their end: one clear sentence, the old exports untouched, and the next run heals."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import snowflake_standin
import yaml
from small_disk import small_disk
from small_project import PROJECT, SmallProject
from snowflake.connector.connection import DEFAULT_CONFIGURATION

from runner import build
from runner.state import locked

AS_OF = "2026-07-31T23:59:59Z"
BIG = "select range as id, cast(hash(range) as varchar) as digits from range(400000)"
"""Some ten megabytes."""
SLOW = "select 1 as id, count(*) as pairs from range(40000) as a, range(40000) as b where a.range % 7 = b.range % 11"

posix_only = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    """A project that was run once, to copy from."""
    project = SmallProject(tmp_path_factory.mktemp("fresh"))
    project.run()
    return project


@pytest.fixture
def project(fresh: SmallProject, tmp_path: Path) -> SmallProject:
    """A project whose next run has something new to export."""
    project = fresh.copied_to(tmp_path / "project")
    project.put("service_desk/service_tasks", "1,100.00", "2,2.50")
    return project


def held(project: SmallProject) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in project.output_dir.iterdir() if path.is_file()}


def refused(project: SmallProject) -> str:
    """Run in vain; gives the sentence that says why."""
    before = held(project)
    result = project.run(as_of=AS_OF, code=2)
    assert held(project) == before
    (sentence,) = result.stderr.strip().splitlines()
    return str(sentence)


def heals(project: SmallProject) -> None:
    project.run(as_of=AS_OF)
    is_healed(project)


def is_healed(project: SmallProject) -> None:
    assert project.csvs()["task_costs.csv"] == b"\xef\xbb\xbfid,amount\n1,100.00\n2,2.50\n"
    assert {(file.status, file.as_of) for file in project.manifest().files} == {("current", AS_OF)}


def started(project: SmallProject, *options: str, in_child: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "runner", "run", "--raw-dir", str(project.raw), "--as-of", AS_OF, *options]
    return subprocess.Popen(
        command,
        cwd=PROJECT,
        env=os.environ | project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=in_child,
    )


def test_of_two_runs_started_together_one_runs_and_one_refuses(project: SmallProject) -> None:
    runs = [started(project), started(project)]
    errors = {run.wait(timeout=120): run.stderr.read() for run in runs if run.stderr}
    assert sorted(errors) == [0, 3]
    lock = project.warehouse.with_suffix(".lock")
    assert errors[3] == f"Another run of tieout is at work ({lock} is locked): wait until it has ended.\n"
    assert {(file.status, file.as_of) for file in project.manifest().files} == {("current", AS_OF)}


def test_a_run_into_a_folder_that_another_one_writes_to_is_refused_before_it_builds(project: SmallProject) -> None:
    (project.root / "logs" / "tieout.log").unlink()
    with locked(project.output_dir / ".tieout.lock"):
        result = project.run("--alerts", code=3)
    assert "Another run of tieout is at work" in result.stderr
    assert "step=build" not in log_of(project)


@posix_only
def test_a_run_that_was_killed_leaves_no_lock_and_nothing_that_passes_for_its_figures(project: SmallProject) -> None:
    before = project.csvs()
    project.mart("msp", "slow", SLOW)
    (project.root / "logs" / "tieout.log").unlink()
    run = started(project)
    wait_for(lambda: "node=model.tieout.task_costs status=success" in log_of(project), run)
    run.kill()
    assert run.wait(timeout=30) == -signal.SIGKILL
    assert project.csvs() == before
    # What a machine that lost its power leaves behind: a lock file, with the number of a process that is another's now.
    project.warehouse.with_suffix(".lock").write_text(str(os.getpid()), encoding="utf-8")

    # The warehouse holds new rows of some tables and old ones of others: nothing of it may be exported.
    assert project.command("export").exit_code == 1
    assert project.csvs() == before
    assert project.status("task_costs.csv") == ("stale", "2026-06-30T23:59:59Z")
    (project.root / "models" / "marts" / "msp" / "slow.sql").unlink()
    (project.root / "models" / "marts" / "msp" / "slow.yml").unlink()
    heals(project)


@posix_only
def test_a_run_that_its_schedule_ends_is_told_of(project: SmallProject) -> None:
    before = project.csvs()
    project.mart("msp", "slow", SLOW)
    (project.root / "logs" / "tieout.log").unlink()
    run = started(project, "--alerts")
    wait_for(lambda: "node=model.tieout.task_costs status=success" in log_of(project), run)
    run.terminate()
    output, errors = run.communicate(timeout=60)
    assert run.returncode == 2
    assert "Traceback" not in output + errors
    assert output.endswith("It was ended from outside, as a schedule does at its time limit.\n")
    assert "The run could not be done: It was ended from outside" in (project.root / "logs" / "alerts.txt").read_text()
    assert project.csvs() == before
    with locked(project.warehouse.with_suffix(".lock")):
        pass


def wait_for(condition: Callable[[], bool], run: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 90
    while not condition():
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def log_of(project: SmallProject) -> str:
    path = project.root / "logs" / "tieout.log"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_full_disks(project: SmallProject, tmp_path: Path) -> None:
    project.mart("msp", "big", BIG)
    shutil.rmtree(project.root / "logs")
    with (
        small_disk(tmp_path / "warehouse") as warehouse,
        small_disk(tmp_path / "exports") as exports,
        small_disk(tmp_path / "logs") as logs,
    ):
        shutil.copytree(project.warehouse.parent, warehouse.folder / "w")
        project.warehouse = warehouse.folder / "w" / "tieout.duckdb"
        shutil.copytree(project.output_dir, exports.folder / "e")
        project.output_dir = exports.folder / "e"
        # A full log is no reason to stop, and nothing is said of it.
        (project.root / "logs").symlink_to(logs.folder)
        (logs.folder / "tieout.log").touch()
        logs.resize(4096)

        warehouse.leave_free(0)
        assert refused(project) == (
            f"The disk at {project.warehouse.with_suffix('.state.part')} is full (No space left on device): make room "
            "and run again; the exports are those of the run before."
        )

        # The files of dbt lie beside the warehouse: here they have room, so that it is the engine that finds none.
        shutil.move(project.warehouse.with_suffix(".dbt"), project.root / "dbt")
        project.warehouse.with_suffix(".dbt").symlink_to(project.root / "dbt")
        warehouse.leave_free(2_000_000)
        assert refused(project) == (
            "The disk of target duckdb was full when big was built (No space left on device): make room and run again; "
            "the exports are those of the run before."
        )
        warehouse.resize(64_000_000)

        exports.leave_free(1_000_000)
        assert refused(project) == (
            f"The exports in {project.output_dir} cannot be written (No space left on device): make room or name "
            "another folder with --output-dir; the earlier files are untouched."
        )
        exports.resize(64_000_000)
        heals(project)


def test_folders_that_may_only_be_read(project: SmallProject, tmp_path: Path) -> None:
    shutil.rmtree(project.root / "logs")
    with small_disk(tmp_path / "disk") as disk, small_disk(tmp_path / "logs") as logs:
        shutil.copytree(project.warehouse.parent, disk.folder / "w")
        shutil.copytree(project.output_dir, disk.folder / "exports")
        project.output_dir = disk.folder / "exports"
        # Without a log the run goes on.
        (project.root / "logs").symlink_to(logs.folder)
        logs.make_read_only()
        disk.make_read_only()
        assert refused(project) == (
            f"The output folder {project.output_dir} cannot be written (Read-only file system): free it or name "
            "another with --output-dir."
        )
        project.warehouse = disk.folder / "w" / "tieout.duckdb"
        assert refused(project) == (
            f"{project.warehouse.with_suffix('.lock')} cannot be written (Read-only file system): give tieout the "
            "right to, or name another place; the exports are those of the run before."
        )
        disk.make_writable()
        heals(project)


@posix_only
def test_a_limit_on_the_size_of_files(project: SmallProject) -> None:
    """What a quota does, for machines on which nothing may be mounted."""
    import resource

    project.mart("msp", "big", BIG)
    before = held(project)
    run = started(project, in_child=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000)))
    _, errors = run.communicate(timeout=120)
    assert run.returncode == 2
    assert errors == (
        "The disk of target duckdb was full when big was built (File too large): make room and run again; the exports "
        "are those of the run before.\n"
    )
    assert held(project) == before


def in_mid_build(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something once, when the first tables are built and the others are not."""
    done: list[str] = []

    @contextmanager
    def progress(_: object) -> Iterator[Callable[[str, int, int], None]]:
        def listen(name: str, count: int, total: int) -> None:
            if count >= 2 and count < total and not done:
                done.append(name)
                act()

        yield listen
        assert done

    monkeypatch.setattr("runner.run._progress", progress)


def test_a_warehouse_that_is_damaged_or_removed_in_mid_build(
    project: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damage() -> None:
        project.warehouse.write_bytes(b"no database" * 1000)

    whole = project.warehouse.read_bytes()
    with monkeypatch.context() as patch:
        in_mid_build(patch, damage)
        sentence = refused(project)
    assert sentence.startswith(f"The warehouse {project.warehouse} cannot be opened (")
    assert sentence.endswith("): put a backup of it in place, or move it away and run again (its history begins anew).")
    # It is not thrown away unasked: its history is nowhere else.
    assert "not a valid DuckDB database file" in refused(project)

    project.warehouse.write_bytes(whole)
    with monkeypatch.context() as patch:
        in_mid_build(patch, project.warehouse.unlink)
        assert refused(project) == f"There is no warehouse at {project.warehouse}: build it with 'tieout run'."
    heals(project)


@contextmanager
def open_elsewhere(warehouse: Path) -> Iterator[None]:
    """Another program has the warehouse open, to write to it."""
    script = "import sys, duckdb\nc = duckdb.connect(sys.argv[1])\nprint('open', flush=True)\nsys.stdin.read()"
    command = [sys.executable, "-c", script, str(warehouse)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        yield
        other.communicate("")


def test_a_warehouse_that_another_program_has_open(project: SmallProject, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_elsewhere(project.warehouse):
        sentence = refused(project)
        assert sentence.startswith("The warehouse is open in another program (")
        assert sentence.endswith("): close it and run again.")
        # Nothing was built: what was there can still be exported.
    assert project.command("export").exit_code == 0

    # Between the build and the exports nobody holds it.
    with ExitStack() as others, monkeypatch.context() as patch:
        let_go = build._let_go_of_warehouse

        def let_another_in() -> None:
            let_go()
            others.enter_context(open_elsewhere(project.warehouse))

        patch.setattr(build, "_let_go_of_warehouse", let_another_in)
        sentence = refused(project)
    assert sentence.startswith(f"The warehouse {project.warehouse} cannot be opened (")
    assert sentence.endswith("): close the program that has it open.")
    assert project.command("export").exit_code == 0
    is_healed(project)


def test_a_snowflake_that_goes_away_in_mid_build(
    project: SmallProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("network_timeout", "login_timeout"):
        # Other tests of this process have more patience.
        monkeypatch.setitem(DEFAULT_CONFIGURATION, name, DEFAULT_CONFIGURATION[name])
    monkeypatch.setenv("TIEOUT_SNOWFLAKE_TIMEOUT_SECONDS", "1")
    monkeypatch.setenv("TIEOUT_SELECT_DOMAIN", "msp")
    monkeypatch.setenv("TIEOUT_TARGET", "snowflake")
    with snowflake_standin.started(tmp_path / "standin.log") as (port, server):
        output = snowflake_standin.output_of(port)
        project.write("profiles.yml", yaml.safe_dump({"tieout": {"outputs": {"snowflake": output}}}))
        with snowflake_standin.connect(output) as connection:
            cursor = connection.cursor()
            cursor.execute(f"create database {snowflake_standin.DATABASE}")
            cursor.execute(f"create schema {snowflake_standin.DATABASE}.service_desk")
            cursor.execute(
                f"create table {snowflake_standin.DATABASE}.service_desk.service_tasks as "
                "select 1 as id, 2.00 as amount"
            )

        def kill() -> None:
            server.kill()
            server.wait(timeout=30)

        in_mid_build(monkeypatch, kill)
        sentence = refused(project)
    assert sentence.startswith("Snowflake account fakesnow cannot be reached: ")
