"""Raw tables on two days, made of one raw folder: overnight rows came, changed and went."""

from __future__ import annotations

from pathlib import Path

import duckdb

# Columns that change overnight, in some rows, and what they then say.
CHANGED = {
    "quantity": "5",
    "amount_gbp": "1 + amount_gbp",
    "contract_value": "1 + contract_value",
    "recognized_amount": "7",
    "case_status": "'pending'",
}


def make(whole: Path, folder: Path) -> tuple[Path, Path]:
    """Write both days as `<day>/<schema>/<table>.parquet`; give their folders."""
    days = folder / "before", folder / "after"
    with duckdb.connect() as connection:
        for file in sorted(path for path in whole.glob("*/*.parquet") if path.parent.name != "truth"):
            columns = connection.execute(f"describe from read_parquet('{file}')").fetchall()
            changes = ", ".join(
                f"cast(case when position % 30 = 7 then {CHANGED[name]} else {name} end as {kind}) as {name}"
                for name, kind, *_ in columns
                if name in CHANGED
            )
            numbered = f"(select *, row_number() over () as position from read_parquet('{file}'))"
            for day, replaced, missing in ((days[0], "", 4), (days[1], changes and f"replace ({changes})", 3)):
                target = day / file.relative_to(whole)
                target.parent.mkdir(parents=True, exist_ok=True)
                connection.execute(
                    f"""
                    copy (select * exclude (position) {replaced} from {numbered} where position % 40 <> {missing})
                    to '{target}' (format parquet)
                    """
                )
    return days
