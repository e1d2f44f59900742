"""The project's macros for the SQL linter, as the embedded engine has them.

sqlfluff's own loading of macros compiles every macro file again for every model it reads; here it is done once a
process. dbt's templater would compile the models exactly, and take minutes.
"""

import datetime
import re
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import yaml
from sqlfluff.core.templaters.builtins.dbt import DBT_BUILTINS, DbtMacroWrapper

_PROJECT = Path(__file__).resolve().parent.parent.parent
# sqlfluff runs this file anew for each model; what is kept here outlives that.
_KEPT = "_tieout_macros"
# Long where they are written out, and what a macro writes is not the model's to be linted: a call with the same columns
# in it is read in a fraction of the time.
_CALLED = (
    *("add_months", "add_seconds", "days_between", "month_start", "months_between", "seconds_between"),
    *("amount_text", "divide_rounded", "match_key", "month_text", "ratio", "round_money", "sort_key", "trimmed"),
)


class _Dbt:
    """Stands in for `dbt.type_timestamp()` and its like."""

    def __getattr__(self, name: str) -> Callable[..., str]:
        if name.startswith("type_"):
            return lambda: name.removeprefix("type_")
        return lambda *arguments, **named: f"{name}({', '.join(map(str, [*arguments, *named.values()]))})"


class _ReturnedError(Exception):
    """Leaves a macro with a value, as dbt's `return` does."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


def _return(value: Any) -> None:
    raise _ReturnedError(value)


def _returning(macro: Callable[..., Any]) -> Callable[..., Any]:
    def called(*arguments: Any, **named: Any) -> Any:
        try:
            return macro(*arguments, **named)
        except _ReturnedError as returned:
            return returned.value

    return called


class _Adapter:
    """Stands in for dbt's `adapter`: every macro is the embedded engine's own, or the default."""

    def __init__(self, macros: dict[str, Any]) -> None:
        self._macros = macros

    def dispatch(self, name: str, _namespace: str = "") -> Any:
        return self._macros.get(f"duckdb__{name}") or self._macros[f"default__{name}"]

    @staticmethod
    def quote(name: str) -> str:
        return f'"{name}"'


def _compiled() -> dict[str, Any]:
    macros: dict[str, Any] = {}

    def late(name: str) -> Callable[..., Any]:
        # jinja looks a name up when a template is loaded, before the other files' macros are there.
        return lambda *arguments, **named: macros[name](*arguments, **named)

    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701 (renders SQL)
    texts = [path.read_text(encoding="utf-8") for path in sorted((_PROJECT / "macros").rglob("*.sql"))]
    names = {macro.name for text in texts for macro in environment.parse(text).find_all(jinja2.nodes.Macro)}
    variables = yaml.safe_load((_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    context = {
        "adapter": _Adapter(macros),
        "dbt": _Dbt(),
        "env_var": lambda _name, default="": default,
        "execute": False,
        "exceptions": None,
        "return": _return,
        "modules": types.SimpleNamespace(datetime=datetime, pytz=types.SimpleNamespace(utc=datetime.UTC), re=re),
        "run_started_at": datetime.datetime(2026, 6, 30, tzinfo=datetime.UTC),
        "target": types.SimpleNamespace(name="duckdb", type="duckdb", schema="main", database="tieout"),
        "var": lambda name, default="": variables.get(name, default),
        "tieout": types.SimpleNamespace(**{name: late(name) for name in names}),
    }
    environment.globals.update(DBT_BUILTINS, **{name: late(name) for name in names}, **context)
    for text in texts:
        module = vars(environment.from_string(text).make_module())
        macros.update({name: DbtMacroWrapper(_returning(module[name])) for name in names & module.keys()})
    macros.update({name: DbtMacroWrapper(getattr(_Dbt(), name)) for name in _CALLED})
    return {**macros, **context}


if _KEPT not in sys.modules:
    _kept = types.ModuleType(_KEPT)
    vars(_kept).update(_compiled())
    sys.modules[_KEPT] = _kept
globals().update({name: macro for name, macro in vars(sys.modules[_KEPT]).items() if not name.startswith("_")})
