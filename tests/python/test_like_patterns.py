"""The LIKE patterns that stand for a regular expression on SQL Server match what the expression matches."""

from __future__ import annotations

import csv
import re
import shutil
from functools import cache
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.like_patterns import problems_in_rules, translate

ROOT = Path(__file__).resolve().parents[2]

SHIPPED = {
    row["rule_id"]: row["pattern"]
    for name in ("environment_rules", "task_category_rules")
    for row in csv.DictReader((ROOT / "seeds" / "msp" / f"{name}.csv").open(encoding="utf-8"))
}
# Everything the language has, and what LIKE reads in its own way.
OTHERS = [
    "", "a|", "(a|b)?c", "a(b(c|d)?|e)f", "(?:ab|cd)?ef", "x.y", "x.*y.+z", "^ab.*", "ab.*cd$", "^ab.*cd$", "^a.c$",
    "^(a|b)", "c(d|e)$", "50%", "a_b", r"\[x\]", r"a\.b", r"c\+\+", "[abc]d", "[^abc]d", "[a-f0-9]-", "[-a]x", "[a-]x",
    r"\d\d", r"a\sb", "o'brien", "é", "a]b", "a-b", "(x|x.)y"
]  # fmt: skip
NASTY = [
    "", " ", "Laptop SWAP for J. O'Brien", "lptop", "wi fi", "WI-FI", "wifi", "W-IFI", "50% done", "a_b", "axb", "[x]",
    "x", "C++", "c+", "licence", "LICENSE", "licen e", "install\nof office", "install it\nand deploy visio",
    "INSTALL\tthe office", "deploy\r\nsoftware", "unlocked", "e-mail", "email", "e mail", "Re-Image", "REIMAGE", "ab",
    "AB\ncd", "abxcd", "ab\ncd", "x\ny", "x y", "xy", "a.b", "aéb", "É", "e", "docking", "DOCK STATION", "CC1", "cc x",
    "ACC1", "-CC", "LON-CC", "LON-CC-2", "LON-HQ", "lon-hq ", "corp", "XCORP", "slow", "perfoRm", "a b", "a\nb",
    "^ab", "ab$", "%", "_", "\\", "a\\b", "a]b", "12", "1 2", "a-b", "-a", "ax", "-x", "a\u00a0b", "naïve", "straße",
    "installswap", "instal sw", "sw install", "of\noffice move", "desk\nmove", "reset pw", "pw reset", "pw  reset",
]  # fmt: skip
REFUSED = {
    "a+b": "repetition", "ab*": "repetition", "a{2}": "repetition", r"\bfoo": "escape", r"\w": "escape",
    "a??": "belongs to nothing",
    "(?i)a": "belongs to nothing", "(?=a)b": "belongs to nothing", "x$y": "inside", "a(b": "bracket", "a)b": "bracket",
    "[a-Z]": "range", "[é]": "class", r"[\d]": "class", "[[:alpha:]]": "class", "ß": "character", "a\\": "character",
    r"a\s.b": "dot beside", "(a|b)?" * 12: "too many",
}  # fmt: skip


@cache
def like(pattern: str) -> re.Pattern[str]:
    """T-SQL's LIKE under a binary collation."""
    parts = []
    for part in re.findall(r"\[[^]]*\]|.", pattern, re.DOTALL):
        if part == "%":
            parts.append(".*")
        elif part == "_":
            parts.append(".")
        elif part.startswith("[") and len(part) > 1:
            negated = "^" if part[1] == "^" else ""
            body = part[1 + len(negated) : -1]
            hyphen, body = ("\\-", body[1:]) if body.startswith("-") else ("", body)
            parts.append(f"[{negated}{hyphen}{body}]")
        else:
            parts.append(re.escape(part))
    return re.compile("".join(parts), re.DOTALL)


@cache
def translated(pattern: str) -> list[dict[str, str]]:
    found, problems = translate(ROOT, pattern)
    assert not problems, problems
    return found


def matches(pattern: str, text: str) -> bool:
    """What the macro's condition says of a text."""
    # SQL Server's upper() leaves a letter alone that would become two.
    upper = "".join(letter if len(letter.upper()) > 1 else letter.upper() for letter in text)
    lines = upper.split("\n")
    held_against = {
        "text": [upper],
        "line": lines,
        "first_line": lines[:1],
        "last_line": lines[-1:],
        "one_line": lines if len(lines) == 1 else [],
    }
    return any(
        like(way["pattern"]).fullmatch(held) for way in translated(pattern) for held in held_against[way["scope"]]
    )


@cache
def embedded() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def expected(pattern: str, texts: list[str]) -> list[bool]:
    rows = (
        embedded()
        .execute("select regexp_matches(text, ?, 'i') from (select unnest(?::varchar[]) as text)", [pattern, texts])
        .fetchall()
    )
    return [bool(found) for (found,) in rows]


@pytest.mark.parametrize("pattern", [*SHIPPED.values(), *OTHERS])
def test_a_pattern_matches_the_nasty_texts_that_the_expression_matches(pattern: str) -> None:
    assert [matches(pattern, text) for text in NASTY] == expected(pattern, NASTY)


def test_the_rules_classify_the_sample_alike(sample_dir: Path) -> None:
    fields = {
        "service_tasks": ["task_description"],
        "service_tickets": ["short_description", "cost_centre", "site_code"],
    }
    texts: set[str] = set()
    for table, names in fields.items():
        held = pq.read_table(sample_dir / "service_desk" / f"{table}.parquet", columns=names)
        texts.update(text for name in names for text in held.column(name).to_pylist() if text)
    for pattern in SHIPPED.values():
        tried = sorted(texts)[:2000]
        assert [matches(pattern, text) for text in tried] == expected(pattern, tried)


WORDS = st.sampled_from(["a", "b", "ab", "-", " ", "x", "1", "%", "_"])
ATOMS = WORDS | st.sampled_from([".", ".*", "[ab]", "[^a]", "[0-9]", r"\."])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | st.lists(inner, min_size=2, max_size=3).map("|".join).map("({})".format)
        | inner.map("({})?".format)
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(PATTERNS, st.lists(st.text(alphabet="abAB x1-%_.\n", max_size=8), min_size=1, max_size=20))
def test_any_pattern_that_is_taken_matches_as_the_expression_does(pattern: str, texts: list[str]) -> None:
    _, problems = translate(ROOT, pattern)
    if not problems:
        assert [matches(pattern, text) for text in texts] == expected(pattern, texts)


@pytest.mark.parametrize(("pattern", "why"), REFUSED.items())
def test_what_cannot_be_written_as_like_is_refused(pattern: str, why: str) -> None:
    _, problems = translate(ROOT, pattern)
    assert problems
    assert why in problems[0]


def test_a_rule_that_sql_server_cannot_try_is_named_before_the_build(tmp_path: Path) -> None:
    (tmp_path / "macros" / "engine").mkdir(parents=True)
    shutil.copy(ROOT / "macros" / "engine" / "like_patterns.sql", tmp_path / "macros" / "engine")
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    (tmp_path / "dbt_project.yml").write_text("vars: {sqlserver_regex: like}\n", encoding="utf-8")
    assert problems_in_rules(tmp_path) == []

    with (tmp_path / "seeds" / "msp" / "task_category_rules.csv").open("a", encoding="utf-8") as stream:
        stream.write(r"CAT-990,990,\bfax\b,Fax" + "\n")
    (problem,) = problems_in_rules(tmp_path)
    assert (problem.file, problem.row) == ("seeds/msp/task_category_rules.csv", len(SHIPPED) - 6 + 2)
    assert "CAT-990" in problem.problem
    assert "native" in problem.remedy

    (tmp_path / "dbt_project.yml").write_text("vars: {sqlserver_regex: native}\n", encoding="utf-8")
    assert problems_in_rules(tmp_path) == []
