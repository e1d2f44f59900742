"""Charts as SVG, drawn offline from the Vega-Lite files in charts/; they are given rows and compute nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import vl_convert

_FOLDER = Path(__file__).with_name("charts")
_VERSION = "6.1"


def draw(name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Draw the chart of a file in charts/ over these rows; gives an SVG element without width and height of its own."""
    values = [{column: _plain(value) for column, value in row.items()} for row in rows]
    spec = {**_read("theme"), **_read(name), "data": {"values": values}}
    svg: str = vl_convert.vegalite_to_svg(spec, vl_version=_VERSION)
    return svg


def sparkline(rows: Sequence[Mapping[str, Any]], x: str, y: str) -> str:
    """Draw one figure over time, small and without axes."""
    last = len(rows) - 1
    return draw(
        "sparkline", [{"_x": row[x], "_y": row[y], "_is_last": number == last} for number, row in enumerate(rows)]
    )


@cache
def _read(name: str) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return spec


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value
