"""Writes the sample: what the tables hold is said in sql/, here is the order of things."""

import datetime
import shutil
import tempfile
from pathlib import Path

import duckdb

from runner.errors import TieoutError
from runner.settings import project_dir

SQL = Path(__file__).parent / "sql"
MEMORY_LIMIT = "3GB"
LEAST_MONTHS = 12

# Each file and the view of sql/ that holds its rows. An order is only kept where the outermost query asks for it.
RAW_TABLES = (
    "service_desk/service_tickets",
    "service_desk/service_tasks",
    "service_desk/hardware_assets",
    "service_desk/software_requests",
    "msp_billing/msp_invoice_lines",
    "analytics/deals",
    "accounting/revenue_entries",
    "support/support_cases",
    "support/support_case_events",
)
QUERIES = {
    **{
        table: f"select * exclude (extra, row_no) from out_{table.split('/')[1]} order by extra, row_no"  # noqa: S608 (named above)
        for table in RAW_TABLES
    },
    "truth/faults": "select * from truth order by domain, expected_in, table_name, fault_kind, record_id",
}


class SampleError(TieoutError):
    """No sample could be written."""


def generate(scale: float, seed: int, months: int, end: datetime.date, out: Path) -> None:
    """Write the raw tables to OUT/<schema>/<table>.parquet and what is wrong with them to OUT/truth/.

    The same arguments and seeds give the same bytes. Scale 1 is about 25,000 tasks, 2,000 deals and 6,000 cases
    over `months` months up to and including the day `end`.
    """
    if not 0.05 <= scale <= 2000:
        raise SampleError(f"--scale is {scale:g}: give a number from 0.05 to 2000.")
    if not LEAST_MONTHS <= months <= 120:
        raise SampleError(f"--months is {months}: give a number from {LEAST_MONTHS} to 120.")
    out = Path(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".sample-", dir=out))
    except OSError as error:
        raise SampleError(f"{out} cannot be written to ({error.strerror}): name another folder with --out.") from error
    try:
        _write_tables(scratch, scale, seed, months, end)
        readme = scratch / "tables" / "truth" / "README.md"
        readme.write_text(_truth_readme(scale, seed, months, end), encoding="utf-8")
        for written in sorted(path for path in (scratch / "tables").rglob("*") if path.is_file()):
            target = out / written.relative_to(scratch / "tables")
            target.parent.mkdir(parents=True, exist_ok=True)
            written.replace(target)
    except duckdb.Error as error:
        raise SampleError(f"The sample could not be made: {str(error).splitlines()[0]}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _write_tables(scratch: Path, scale: float, seed: int, months: int, end: datetime.date) -> None:
    with duckdb.connect(str(scratch / "scratch.duckdb")) as connection:
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        connection.execute("set temp_directory = ?", [str(scratch / "spill")])
        for name, value in _settings(scale, seed, months, end).items():
            connection.execute(f"set variable {name} = {value}")
        for script in sorted(SQL.glob("*.sql")):
            connection.execute(script.read_text(encoding="utf-8"))
        for table, query in QUERIES.items():
            path = scratch / "tables" / f"{table}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"copy ({query}) to '{_quoted(path)}' (format parquet, compression zstd, row_group_size 122880)"
            )


def _settings(scale: float, seed: int, months: int, end: datetime.date) -> dict[str, str]:
    """Variables that the SQL reads, as literals."""
    blocks = max(1, round(25_000 * scale / 9))
    end_month = end.replace(day=1)
    first_month_number = end_month.year * 12 + end_month.month - months
    first_month = datetime.date(first_month_number // 12, first_month_number % 12 + 1, 1)
    counts = {
        "tickets": 5 * blocks,
        "tasks": 9 * blocks,
        "software_requests": 5 * blocks // 12,
        "assets": max(97, round(1_200 * scale)),
        "technicians": max(6, round(60 * scale)),
        "requesters": max(50, round(1_500 * scale)),
        "deals": max(200, round(2_000 * scale)),
        "customers": max(40, round(600 * scale)),
        "cases": max(600, round(6_000 * scale)),
    }
    return {
        "scale": f"cast({float(scale)!r} as double)",
        "seed": f"{int(seed)}",
        "months": f"{int(months)}",
        "first_month": f"date '{first_month}'",
        "end_date": f"date '{end}'",
        "end_month": f"date '{end_month}'",
        "as_of": f"timestamp '{end} 23:59:59'",
        "seeds": f"'{_quoted(project_dir() / 'seeds')}'",
        **{name: str(count) for name, count in counts.items()},
    }


def _quoted(path: Path) -> str:
    return path.as_posix().replace("'", "''")


def _truth_readme(scale: float, seed: int, months: int, end: datetime.date) -> str:
    return f"""# What is wrong in this sample, on purpose

Made with scale {scale:g}, seed {seed}, {months} months up to {end}. `faults.parquet` lists every planted fault and
where a run with as_of {end}T23:59:59 must show it. It is complete: whatever else such a run shows is a mistake of
the run.

| Column | Meaning |
|---|---|
| domain | msp, revenue or support |
| table_name | Raw table or seed that holds the fault |
| fault_kind | Name of the data quality rule, cause of the difference, or fate of the override |
| record_id | The record: its id, `<deal>|<month>|<category>`, or `<month>|<environment>|<tier>` |
| expected_in | dq_failing_rows, fct_revenue_variance, rpt_msp_invoice_variance or rpt_msp_override_audit |
| expected_value | The cause or the override status to be shown there; empty for data quality |
| note | What helps to understand it |

Rows without a key are numbered `(none)-1`, `(none)-2`, and so on within their table. A key that stands in several rows
is listed once. Stray spaces and case are all over the tables and in no list: they are corrected in silence.
"""
