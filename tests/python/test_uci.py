"""Real data: two reports a week apart on the incident log of an IT department, and the first one made again."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
import snowflake_standin
from oracle import compare
from oracle.inputs import Inputs, Settings, load
from project_copy import REPOSITORY, ProjectCopy, shared_copy
from rich.console import Console

from runner.run import OK, run
from runner.settings import Settings as RunSettings

UCI = Path(os.environ.get("TIEOUT_UCI_DIR", REPOSITORY.parent / "shared" / "data" / "uci_incidents"))
AS_OFS = (datetime(2016, 6, 1), datetime(2016, 6, 8))

pytestmark = pytest.mark.skipif(
    not UCI.is_dir(), reason=f"real data not there: {UCI} (set TIEOUT_UCI_DIR to the folder of uci_incidents)"
)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of exports: of both moments, and of the first one again after the second."""
    folder = tmp_path_factory.mktemp("uci")
    project = shared_copy()
    project.start_over()
    made = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIEOUT_DUCKDB_PATH", project.warehouse.as_posix())
        for name, as_of in (("first", AS_OFS[0]), ("second", AS_OFS[1]), ("again", AS_OFS[0])):
            made[name] = report(project.root, folder / name, as_of, "duckdb")
    return made


def report(project_dir: Path, output_dir: Path, as_of: datetime, target: str) -> Path:
    settings = RunSettings(
        project_dir=project_dir,
        raw_dir=UCI,
        output_dir=output_dir,
        targets={"support": target},
        as_of=as_of.replace(tzinfo=UTC),
    )
    told = StringIO()
    assert run(settings, Console(file=told, width=120)) == OK, told.getvalue()
    return output_dir


@pytest.fixture(scope="module")
def incidents() -> Inputs:
    return load(UCI, REPOSITORY / "seeds")


@pytest.mark.parametrize(("name", "as_of"), [("first", AS_OFS[0]), ("second", AS_OFS[1])])
def test_real_incidents_equal_their_recomputation(
    reports: dict[str, Path], incidents: Inputs, name: str, as_of: datetime
) -> None:
    expected = compare.recomputed("support", incidents, Settings(as_of))
    assert len(expected["fct_support_case_sla"]) > 10_000
    with compare.opened_exports(reports[name]) as connection:
        for mart, rows in expected.items():
            compare.assert_mart(connection, mart, rows, schema="exports")


def test_a_report_made_again_is_the_same_to_the_byte(reports: dict[str, Path]) -> None:
    files = sorted(path.name for path in reports["first"].glob("*.csv"))
    assert files
    assert files == sorted(path.name for path in reports["again"].glob("*.csv"))
    changed = [
        name for name in files if (reports["first"] / name).read_bytes() != (reports["second"] / name).read_bytes()
    ]
    assert changed, "a week made no difference"
    for name in files:
        assert (reports["first"] / name).read_bytes() == (reports["again"] / name).read_bytes(), name


def test_a_stand_in_for_snowflake_gives_the_same_report_to_the_byte(reports: dict[str, Path], tmp_path: Path) -> None:
    project = ProjectCopy(tmp_path / "project")
    with snowflake_standin.as_target(project.root) as output:
        with snowflake_standin.connect(output) as connection:
            snowflake_standin.load_raw_tables(connection, UCI)
        made = report(project.root, tmp_path / "exports", AS_OFS[0], "snowflake")
    files = sorted(path.name for path in made.iterdir() if path.suffix in {".csv", ".parquet", ".txt"})
    assert len(files) > 20
    assert [name for name in files if (made / name).read_bytes() != (reports["first"] / name).read_bytes()] == []
