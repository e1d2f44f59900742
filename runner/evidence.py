"""The auditor's pack of a month: a folder with all it takes to work every figure of a domain out again.

What is in it is said in `evidence_packs.yml`. Layout of the folder, `<evidence folder>/<month>_as_of_<moment>` for
revenue and `<month>_msp_as_of_<moment>` for msp:

- `README.md`: what is in it, the rules, and how to re-perform the figures.
- `data/`: tables of the warehouse, as CSV and Parquet, each cut to what the month needs.
- `rules/`: the seeds in force, as the warehouse holds them, and their versions.
- `sql/`: the statements that made the figures, as they were sent to the warehouse.
- `test_results.csv`, `pack.json` (the facts of the run and every file) and `SHA256SUMS`.

Every figure is read from the warehouse as the last run left it. The pack is written aside and put in place whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import jinja2
import pyarrow as pa
import pyarrow.csv
import yaml
from pydantic import BaseModel
from rich.console import Console

from runner import logs, profiles
from runner.errors import SettingError, TieoutError
from runner.exports import write_csv_and_parquet
from runner.screen import say
from runner.settings import Settings, TargetSettings, iso
from runner.state import WarehouseState, Workspace, locked
from runner.warehouse import Span, Warehouse, open_warehouse

SUMS = "SHA256SUMS"
FACTS = "pack.json"

FinanceDomain = Literal["msp", "revenue"]
_DEFINITIONS = Path(__file__).parent / "evidence_packs.yml"


class Part(BaseModel):
    """A table of a pack."""

    file: str
    table: str
    cut: Literal["month", "neighbours", "up to", "all"]
    by: str = ""
    """The column of the month that the table is cut by."""
    description: str


class PackDefinition(BaseModel):
    """What is in the packs of a domain."""

    settings: list[str]
    """Columns of int_run_settings that the figures obey."""
    seeds: list[str]
    tables: list[Part]


def definition(domain: FinanceDomain) -> PackDefinition:
    """Read what is in the packs of a domain."""
    return PackDefinition.model_validate(yaml.safe_load(_DEFINITIONS.read_text(encoding="utf-8"))[domain])


class PackFile(BaseModel):
    """A file of the pack."""

    name: str
    description: str
    table: str = ""
    """The model or seed it was read from."""
    rows: int | None = None
    sha256: str


class SeedVersion(BaseModel):
    """Which version of a seed file the project has."""

    name: str
    file: str
    sha256: str
    commit: str | None
    """Git commit that last changed it; None outside a git repository."""
    committed_at: str | None
    is_changed_since: bool | None
    """The file differs from that commit."""


class Pack(BaseModel):
    """The facts of a pack."""

    domain: str
    month: str
    as_of: str
    run_started: str
    target: str
    closed_on: date | None
    """Day the month was closed; None where it is open."""
    closed_by: str | None
    project_fingerprint: str | None
    git_commit: str | None
    git_is_clean: bool | None
    variables: dict[str, str]
    """The settings that the figures obeyed."""
    tests_passed: int
    tests_failed: int
    seeds: list[SeedVersion]
    files: list[PackFile]


def write_evidence(deployed: Settings, domain: FinanceDomain, month: date, evidence_dir: Path, console: Console) -> int:
    """Write the pack of a month from the warehouse as the last run left it; gives the exit code, 1 where tests failed.

    Raises:
        TieoutError: nothing fit for a pack was built, or it cannot be written; an earlier pack is untouched.
    """
    settings = deployed.of_domain(domain)
    output = profiles.target_output(settings)
    workspace = Workspace(settings, output)
    with locked(workspace.lock_path):
        pack = write_pack(settings, output, workspace, domain, month, evidence_dir, console)
    return 1 if pack.tests_failed else 0


def write_pack(
    settings: TargetSettings,
    output: Mapping[str, Any],
    workspace: Workspace,
    domain: FinanceDomain,
    month: date,
    evidence_dir: Path,
    console: Console,
) -> Pack:
    """Write the pack of a month while the caller holds the lock of the warehouse.

    Raises:
        TieoutError: nothing fit for a pack was built, or it cannot be written; an earlier pack is untouched.
    """
    state = workspace.read()
    if state is None:
        raise TieoutError(f"Nothing was built yet for target {settings.target}: build it with 'tieout run'.")
    parts = definition(domain)
    manifest, results = artifacts(workspace, state)
    _refuse_unfit(state, domain, parts, month)
    # Packs of revenue were there first: who looks for them by name still finds them.
    name = f"{month:%Y-%m}" if domain == "revenue" else f"{month:%Y-%m}_{domain}"
    folder = evidence_dir / f"{name}_as_of_{state.as_of:%Y%m%dT%H%M%SZ}"
    with _aside(folder) as aside, open_warehouse(output, settings.target) as warehouse:
        pack = _write(aside, warehouse, settings, state, domain, parts, month, manifest, results)
    say(
        console,
        f"Evidence of {domain} {month:%Y-%m} as of {pack.as_of} is in {folder}: {len(pack.files)} files, "
        f"{pack.tests_passed} tests passed, {pack.tests_failed} failed.",
    )
    return pack


def parse_finance_domain(text: str) -> FinanceDomain:
    """Read the name of a domain that has months to account for, case-blind.

    Raises:
        SettingError: it has none, or is unknown.
    """
    match text.strip().lower():
        case "msp":
            return "msp"
        case "revenue":
            return "revenue"
    raise SettingError(f"Domain '{text}' has no months to account for: give msp or revenue.")


def parse_month(text: str) -> date:
    """Read a month as the commands take it; gives its first day.

    Raises:
        SettingError: it is none.
    """
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 (a month, no moment)
    except ValueError:
        raise SettingError(f"MONTH is '{text}', which is no month: write it like 2026-04.") from None


def artifacts(workspace: Workspace, state: WarehouseState) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What dbt wrote in the last run: the manifest of the project, and how each node came out.

    Raises:
        TieoutError: it cannot be read, or is of another run.
    """
    found = []
    for name in ("manifest.json", "run_results.json"):
        path = workspace.dbt_target_path / name
        try:
            found.append(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise TieoutError(f"{path} of the last run cannot be read: run again with 'tieout run'.") from error
    manifest, results = found
    if datetime.fromisoformat(results["metadata"]["generated_at"]) < state.run_started:
        raise TieoutError("The test results are older than the last run: run again with 'tieout run'.")
    return manifest, results


def _refuse_unfit(state: WarehouseState, domain: str, parts: PackDefinition, month: date) -> None:
    if domain not in state.domains:
        raise TieoutError(f"The last run did not build {domain}: run again with its files or without --select-domain.")
    if state.as_of.date() < month:
        raise TieoutError(
            f"The last run looked at {iso(state.as_of)}, before {month:%Y-%m} began: run again with a later --as-of."
        )
    wanted = {part.table for part in parts.tables}
    for mart in state.marts:
        if mart.name in wanted and not mart.is_current:
            raise TieoutError(f"{mart.name} is not fit for a pack, as {mart.reason}: mend it and run again.")


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A new folder beside the final one, put in its place when the block is done; an older pack stays until then."""
    aside, older = folder.with_name(f".{folder.name}.part"), folder.with_name(f".{folder.name}.old")
    try:
        if older.exists() and not folder.exists():
            older.rename(folder)
        for left_over in (aside, older):
            if left_over.exists():
                shutil.rmtree(left_over)
        aside.mkdir(parents=True)
        yield aside
        if folder.exists():
            folder.rename(older)
        aside.rename(folder)
        shutil.rmtree(older, ignore_errors=True)
    except OSError as error:
        if older.exists() and not folder.exists():
            older.rename(folder)
        raise TieoutError(
            f"The evidence in {folder} cannot be written ({error.strerror or error}): "
            "make room, close its files or name another folder with --evidence-dir; an earlier pack is untouched."
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write(
    folder: Path,
    warehouse: Warehouse,
    settings: TargetSettings,
    state: WarehouseState,
    domain: FinanceDomain,
    parts: PackDefinition,
    month: date,
    manifest: Mapping[str, Any],
    results: Mapping[str, Any],
) -> Pack:
    nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")}
    files: list[PackFile] = []
    for part in parts.tables:
        files += _table(folder, f"data/{part.file}", warehouse, nodes[part.table], _span(part, month), part.description)
    for seed in parts.seeds:
        files += _table(folder, f"rules/{seed}", warehouse, nodes[seed], None, "Seed in force")
    files += _statements(folder, domain, manifest)
    outcomes = outcomes_of_tests(manifest, results, {domain, "common"})
    files.append(_test_file(folder, outcomes))
    git = _Git(settings.project_dir)
    (run,) = warehouse.read_arrow(state.settings_relation, ()).read_all().to_pylist()
    closing = _closing(warehouse, nodes["period_closes"], domain, month)
    variables = {name: str(run[name]) for name in parts.settings}
    pack = Pack(
        domain=domain,
        month=f"{month:%Y-%m}",
        as_of=iso(state.as_of),
        run_started=iso(state.run_started),
        target=settings.target,
        closed_on=closing.get("closed_on"),
        closed_by=closing.get("closed_by"),
        project_fingerprint=state.fingerprints.get(domain),
        git_commit=git.head(),
        git_is_clean=git.is_clean(),
        variables=variables,
        tests_passed=sum(outcome["status"] == "pass" for outcome in outcomes),
        tests_failed=sum(outcome["status"] != "pass" for outcome in outcomes),
        seeds=[_seed_version(settings.project_dir, nodes[seed], git) for seed in parts.seeds],
        files=files,
    )
    readme = folder / "README.md"
    readme.write_text(_readme(pack), encoding="utf-8", newline="\n")
    pack.files.append(PackFile(name=readme.name, description="How to re-perform the figures", sha256=_sha256(readme)))
    (folder / FACTS).write_text(pack.model_dump_json(indent=2) + "\n", encoding="utf-8", newline="\n")
    sums = [(file.sha256, file.name) for file in pack.files] + [(_sha256(folder / FACTS), FACTS)]
    text = "".join(f"{sha256}  {name}\n" for sha256, name in sorted(sums, key=lambda line: line[1]))
    (folder / SUMS).write_text(text, encoding="utf-8", newline="\n")
    return pack


def _span(part: Part, month: date) -> Span | None:
    spans = {
        "month": Span(part.by, month, month),
        "neighbours": Span(part.by, _months_later(month, -1), _months_later(month, 1)),
        "up to": Span(part.by, date.min, month),
    }
    return spans.get(part.cut)


def _months_later(month: date, count: int) -> date:
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def _table(
    folder: Path, name: str, warehouse: Warehouse, node: Mapping[str, Any], span: Span | None, description: str
) -> list[PackFile]:
    columns = node["config"].get("column_types") or {
        column["name"]: column["data_type"] for column in node["columns"].values()
    }
    order = node["config"].get("meta", {}).get("primary_key") or list(columns)
    paths = [folder / f"{name}{suffix}" for suffix in (".csv", ".parquet")]
    paths[0].parent.mkdir(exist_ok=True)
    reader = warehouse.read_arrow(node["relation_name"], order, columns, span)
    rows, _ = write_csv_and_parquet(reader, *paths)
    logs.event("evidence", table=node["name"], rows=rows)
    return [
        PackFile(
            name=f"{name}{path.suffix}",
            description=description,
            table=node["name"],
            rows=rows,
            sha256=_sha256(path),
        )
        for path in paths
    ]


def _closing(warehouse: Warehouse, seed: Mapping[str, Any], domain: str, month: date) -> dict[str, Any]:
    """The row by which the month was closed; the first one counts."""
    order = ("closed_on", "closed_by")
    rows = warehouse.read_arrow(
        seed["relation_name"], order, seed["config"]["column_types"], Span("period", month, month)
    )
    return next((row for row in rows.read_all().to_pylist() if str(row["domain"]).strip().lower() == domain), {})


def _statements(folder: Path, domain: str, manifest: Mapping[str, Any]) -> list[PackFile]:
    """The compiled statement of every model of the domain."""
    files = []
    (folder / "sql").mkdir()
    for node in sorted(manifest["nodes"].values(), key=lambda node: str(node["name"])):
        if node["resource_type"] != "model" or domain not in node["tags"] or not node.get("compiled_code"):
            continue
        path = folder / "sql" / f"{node['name']}.sql"
        path.write_text(node["compiled_code"].strip() + "\n", encoding="utf-8", newline="\n")
        files.append(
            PackFile(name=f"sql/{path.name}", description="Statement", table=node["name"], sha256=_sha256(path))
        )
    return files


def outcomes_of_tests(manifest: Mapping[str, Any], results: Mapping[str, Any], tags: Set[str]) -> list[dict[str, Any]]:
    """How the data tests of tables with these tags came out in the last run, by name."""
    outcomes = []
    for result in results["results"]:
        node = manifest["nodes"].get(result["unique_id"], {})
        if node.get("resource_type") != "test":
            continue
        tested = [manifest["nodes"].get(name, {}) for name in node["depends_on"]["nodes"]]
        if not any(tags & set(table.get("tags", ())) for table in [node, *tested]):
            continue
        outcomes.append(
            {
                "test": node["name"],
                "tables": " ".join(table["name"] for table in tested if table),
                "status": result["status"],
                "failing_rows": result["failures"] or 0,
                "message": " ".join(str(result["message"] or "").split()),
            }
        )
    return sorted(outcomes, key=lambda outcome: str(outcome["test"]))


def _test_file(folder: Path, outcomes: Sequence[Mapping[str, Any]]) -> PackFile:
    path = folder / "test_results.csv"
    fields = [(name, pa.int64() if name == "failing_rows" else pa.string()) for name in outcomes[0]] if outcomes else []
    pyarrow.csv.write_csv(pa.Table.from_pylist(list(outcomes), schema=pa.schema(fields)), path)
    return PackFile(name=path.name, description="Data tests of the run", rows=len(outcomes), sha256=_sha256(path))


class _Git:
    """What git knows of the project; None everywhere outside a repository."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = shutil.which("git")

    def head(self) -> str | None:
        return self._said("rev-parse", "HEAD")

    def is_clean(self) -> bool | None:
        said = self._said("status", "--porcelain", "--untracked-files=no")
        return None if said is None else not said

    def last_change(self, file: str) -> tuple[str | None, str | None]:
        """Commit that last changed a file, and when."""
        commit, _, moment = (self._said("log", "-1", "--format=%H %cI", "--", file) or "").partition(" ")
        return commit or None, moment or None

    def is_changed(self, file: str) -> bool | None:
        said = self._said("status", "--porcelain", "--", file)
        return None if said is None else bool(said)

    def _said(self, *arguments: str) -> str | None:
        if self._program is None:
            return None
        command = [self._program, "-C", str(self._folder), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)  # noqa: S603
        return done.stdout.strip() if done.returncode == 0 else None


def _seed_version(project_dir: Path, node: Mapping[str, Any], git: _Git) -> SeedVersion:
    file = node["original_file_path"].replace("\\", "/")
    commit, moment = git.last_change(file)
    return SeedVersion(
        name=node["name"],
        file=file,
        sha256=_sha256(project_dir / file),
        commit=commit,
        committed_at=moment,
        is_changed_since=git.is_changed(file),
    )


def _readme(pack: Pack) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("runner"),
        autoescape=False,  # noqa: S701 (Markdown)
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(f"evidence_{pack.domain}.md.j2").render(pack=pack)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
