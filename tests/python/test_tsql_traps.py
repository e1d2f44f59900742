"""The check of the compiled T-SQL finds what it is there to find."""

from __future__ import annotations

import pytest
from tsql_traps import find_name_traps, find_traps

TRAPS = {
    "not T-SQL": "select a from t where (",
    "||": "select a || b as c from t",
    "::": "select a::int as c from t",
    "limit": "select a from t limit 5",
    "qualify": "select a from t qualify row_number() over (order by a) = 1",
    "using": "select t.a from t inner join u using (a)",
    "interval": "select a + interval 1 day as b from t",
    "lateral": "select a from t, lateral (select 1 as x) as l",
    "nulls first/last": "select row_number() over (order by a nulls last) as n from t",
    "filter (where": "select sum(a) filter (where b > 1) as c from t",
    "date literal": "select date '2026-01-01' as d",
    "true (T-SQL has no boolean)": "select a from t where b = true",
    "function date_trunc()": "select date_trunc('month', a) as m from t",
    "function greatest()": "select greatest(a, b) as m from t",
    "function regexp_matches()": "select case when regexp_matches(a, 'x') then 1 else 0 end as m from t",
    "function string_split()": "select value as v from string_split('a,b', ',')",
    "function chr()": "select chr(10) as c from t",
    "function epoch()": "select epoch(a) as c from t",
    "a condition where a value is wanted": "select (a = 1 or b = 2) as c from t",
    "a condition where a value is wanted: a IS NULL": "select a is null as c from t",
    "a value where a condition is wanted": "select a from t where is_open",
    "a value where a condition is wanted: is_x": "select case when is_x then 1 else 0 end as a from t",
    "a value where a condition is wanted: is_y": "select a from t where b = 1 and (not is_y)",
    "with inside": "with a as (with b as (select 1 as x) select x from b) select x from a",
    "reserved word as a name: rule": "select t.rule as r from t",
    "reserved word as a name: percent": "select a as percent from t",
    "group by a constant or an ordinal": "select a, count(*) as n from t group by 1",
    "group by all": "select a, count(*) as n from t group by all",
    "order by outside a window": "select a from t order by a",
    "aggregate over a subquery": "select sum((select max(x) from u)) as s from t",
    "count(distinct) of several columns": "select count(distinct a, b) as n from t",
    "distinct aggregate over a window": "select count(distinct a) over (partition by b) as n from t",
    "ranking without order by": "select row_number() over (partition by a) as n from t",
    "window ordered by a constant": "select row_number() over (order by 1) as n from t",
    "window function inside where": "select a from t where row_number() over (order by a) = 1",
    "named window": "select sum(a) over w as s from t window w as (order by b)",
    "row value": "select a from t where (a, b) in (select x, y from u)",
    "column without a name": "select count(*) from t",
    "two columns called a": "select a, b as A from t",
    "null without a type": "select null as a from t",
    "case with nothing but nulls": "select case when a = 1 then null end as b from t",
    "is distinct from": "select case when a is distinct from b then 1 else 0 end as c from t",
    "type nvarchar without a length": "select cast(a as nvarchar) as b from t",
    "type numeric without a length": "select cast(a as decimal) as b from t",
    "type boolean": "select cast(a as boolean) as b from t",
    "type timestamp": "select cast(a as timestamp) as b from t",
    "except all": "select a from t except all select a from u",
    "text outside ASCII without N": "select '\u00e9' as a from t",
}

SCHEMA = {"tieout": {"marts": {"t": {"a": "int", "b": "int"}, "u": {"a": "int", "c": "int"}}}}
NAME_TRAPS = {
    "an alias used beside itself": "select a + 1 as x, x * 2 as y from tieout.marts.t",
    "an alias used in where": "select a + 1 as x from tieout.marts.t where x > 1",
    "an alias used in group by": "select a + 1 as x, count(*) as n from tieout.marts.t group by x",
    "an unknown column": "select z from tieout.marts.t",
    "an ambiguous column": "select a from tieout.marts.t cross join tieout.marts.u",
    "a doubled column": "with two as (select t.*, u.* from tieout.marts.t cross join tieout.marts.u) select b from two",
}

CLEAN = [
    """
    with

    source as (

        select * from "tieout"."support"."cases"

    ),

    counted as (

        select
            upper(nullif(trim(concat(N' ', nchar(9)) from name), N'')) as name_key,
            case when (a is null and b = 1) or not exists (select 1 from u) then 1 else 0 end as is_x,
            cast(sum(cast(amount as decimal(18, 2))) as decimal(18, 2)) as amount,
            sum(sum(amount)) over (order by max(day) rows between unbounded preceding and current row) as running,
            cast(dateadd(day, 1, cast(max(day) as datetime2(6))) as date) as next_day
        from source
        where name not in ('a', 'b') and a between 1 and 2 and name like N'%x%'
        group by upper(nullif(trim(concat(N' ', nchar(9)) from name), N'')), a, b
        having count(*) > 1

    )

    select * from counted
    """,
    "select top 10 a from t order by a",
    "select count(*) as failures from (select a from t group by a having count(*) > 1) as x",
    'select a as "rule", [percent] as p from t',
    "select a, row_number() over (partition by b order by case when a is null then 1 else 0 end, a) as n from t",
    "select cast(a at time zone 'UTC' at time zone b as datetime2(6)) as c from t",
    "select string_agg(a, ', ') within group (order by a) as names from t",
]


@pytest.mark.parametrize(("trap", "sql"), TRAPS.items())
def test_a_trap_is_named(trap: str, sql: str) -> None:
    assert any(trap in found for found in find_traps(sql)), find_traps(sql)


@pytest.mark.parametrize("sql", NAME_TRAPS.values(), ids=NAME_TRAPS.keys())
def test_a_name_that_t_sql_does_not_find_is_named(sql: str) -> None:
    assert find_traps(sql) == []
    assert find_name_traps(sql, SCHEMA)


@pytest.mark.parametrize("sql", CLEAN)
def test_a_clean_statement_has_no_traps(sql: str) -> None:
    assert find_traps(sql) == []


def test_a_clean_statement_finds_its_names() -> None:
    sql = "with x as (select t.*, u.c from tieout.marts.t inner join tieout.marts.u on t.a = u.a) select a, B, c from x"
    assert find_name_traps(sql, SCHEMA) == []
