"""The sample is reproducible, dirty as announced, and its truth complete: an independent count finds nothing else."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from runner.sample import SampleError, generate, generator

END = date(2026, 6, 30)
MONTHS = 26
SCALE = 0.2
SEEDS = Path(__file__).resolve().parents[2] / "seeds"

PRIMARY_KEYS = {
    "service_tickets": "ticket_id",
    "service_tasks": "task_id",
    "hardware_assets": "asset_tag",
    "software_requests": "software_request_id",
    "msp_invoice_lines": "invoice_line_id",
    "deals": "deal_id",
    "revenue_entries": "entry_id",
    "support_cases": "case_id",
    "support_case_events": "event_id",
}

# What a rule says is wrong with a row of its table, the newest of its key; `task`, `ticket` and so on are such rows.
ROW_RULES = {
    "service_tickets": {
        "missing_ticket_type": "code(ticket_type) is null",
        "missing_opened_at": "opened_at is null",
        "unknown_ticket_type": "code(ticket_type) not in ('INCIDENT', 'SERVICE_REQUEST', 'CHANGE')",
        "closed_before_opened": "closed_at < opened_at",
        "updated_before_opened": "updated_at < opened_at",
    },
    "service_tasks": {
        "missing_ticket_id": "code(ticket_id) is null",
        "missing_task_status": "code(task_status) is null",
        "missing_completion_method": "code(task_status) = 'COMPLETED' and code(completion_method) is null",
        "missing_completed_at": "code(task_status) = 'COMPLETED' and completed_at is null",
        "unknown_task_status": "code(task_status) not in ('OPEN', 'COMPLETED', 'CANCELLED')",
        "unknown_completion_method": "code(task_status) = 'COMPLETED'"
        " and code(completion_method) not in (from methods)",
        "non_positive_quantity": "quantity <= 0",
        "no_rate_on_completion_day": "completed_at < (select min(cast(valid_from as date)) from tier_rates)",
        "orphan_ticket": "code(ticket_id) not in (select key from latest_service_tickets)",
        "orphan_asset": "code(asset_tag) not in (select key from latest_hardware_assets)",
        "orphan_software_request": "code(software_request_id) not in (select key from latest_software_requests)",
        "completed_before_started": "completed_at < started_at",
        "updated_before_completed": "updated_at < completed_at",
    },
    "hardware_assets": {"missing_asset_type": "code(asset_type) is null"},
    "software_requests": {
        "missing_product": "code(product) is null",
        "missing_requested_at": "requested_at is null",
        "orphan_ticket": "code(ticket_id) not in (select key from latest_service_tickets)",
    },
    "msp_invoice_lines": {
        "missing_billing_month": "billing_month is null",
        "missing_environment": "code(environment) is null",
        "missing_tier": "code(tier) is null",
        "missing_amount_gbp": "amount_gbp is null",
        "unknown_environment": "code(environment) not in ('CORPORATE', 'CONTACT CENTER', 'UNASSIGNED')",
        "unknown_tier": "code(tier) not in (select code(tier) from tier_rates)"
        " and code(tier) not in ('UNTIERED', 'ALL')",
        "billing_month_not_first_day": "billing_month <> date_trunc('month', billing_month)",
        "received_late": "received_on >= date_trunc('month', billing_month) + interval 1 month + interval 60 day",
    },
    "deals": {
        "missing_customer_id": "code(customer_id) is null",
        "missing_contract_value": "contract_value is null",
        "missing_booked_on": "booked_on is null",
        "missing_deal_status": "code(deal_status) is null",
        "missing_currency_code": "code(currency_code) is null",
        "missing_revenue_type": "code(revenue_type) is null",
        "unknown_revenue_type": "type_of(revenue_type) not in (select revenue_type from types)",
        "unknown_deal_status": "code(deal_status) not in ('WON', 'CLOSED WON', 'LOST', 'OPEN', 'PENDING', 'CANCELLED')",
        "unknown_currency_code": "code(currency_code) not in (select currency_code from fx)"
        " and code(currency_code) <> 'USD'",
        "invalid_duration": "code(deal_status) in ('WON', 'CLOSED WON') and coalesce(duration_months, 0) <= 0"
        " and type_of(revenue_type) in (select revenue_type from types where category = 'recurring')",
        "end_before_start": "end_date < start_date",
        "cancelled_without_date": "code(deal_status) = 'CANCELLED' and cancelled_on is null",
        "cancelled_before_booked": "cancelled_on < booked_on",
        "updated_before_booked": "cast(updated_at as date) < booked_on",
    },
    "revenue_entries": {
        "missing_deal_id": "code(deal_id) is null",
        "missing_recognition_period": "recognition_period is null",
        "missing_recognized_amount": "recognized_amount is null",
        "missing_posted_at": "posted_at is null",
        "missing_currency_code": "code(currency_code) is null",
        "missing_revenue_type": "code(revenue_type) is null",
        "unknown_revenue_type": "type_of(revenue_type) not in (select revenue_type from types)",
        "unknown_entry_type": "code(entry_type) not in ('RECOGNITION', 'ADJUSTMENT', 'REVERSAL')",
        "recognition_period_not_first_day": "recognition_period <> date_trunc('month', recognition_period)",
        "missing_fx_rate": "code(currency_code) <>"
        " (select code(d.currency_code) from latest_deals as d where d.key = code(row.deal_id))"
        " and code(currency_code) <> 'USD'"
        " and (code(currency_code), recognition_period) not in (select (currency_code, month) from fx)",
        "orphan_deal": "code(deal_id) not in (select key from latest_deals)",
        "posted_late": "code(entry_type) = 'RECOGNITION'"
        " and posted_at >= date_trunc('month', recognition_period) + interval 1 month + interval 45 day",
    },
    "support_cases": {
        "missing_priority": "code(priority) is null",
        "missing_created_at": "created_at is null",
        "missing_case_status": "code(case_status) is null",
        "missing_resolved_at": "code(case_status) in ('RESOLVED', 'CLOSED')"
        " and resolved_at is null and closed_at is null",
        "unknown_case_status": "code(case_status) not in ('NEW', 'OPEN', 'PENDING', 'ON_HOLD', 'RESOLVED', 'CLOSED')",
        "first_response_before_creation": "first_responded_at < created_at",
        "resolved_before_creation": "resolved_at < created_at",
        "closed_before_resolved": "closed_at < resolved_at",
        "resolved_while_open": "coalesce(code(case_status), '') not in ('RESOLVED', 'CLOSED')"
        " and resolved_at is not null",
        "updated_before_created": "updated_at < created_at",
    },
    "support_case_events": {
        "missing_case_id": "code(case_id) is null",
        "missing_case_status": "code(case_status) is null",
        "missing_occurred_at": "occurred_at is null",
        "unknown_case_status": "code(case_status) not in ('NEW', 'OPEN', 'PENDING', 'ON_HOLD', 'RESOLVED', 'CLOSED')",
        "orphan_case": "code(case_id) not in (select key from latest_support_cases)",
        "event_before_creation": "occurred_at <"
        " (select c.created_at from latest_support_cases as c where c.key = code(row.case_id))",
    },
}

EXPECTED_KINDS = {
    "fct_revenue_variance": {
        "duplicate_entry",
        "currency_mismatch",
        "type_mismatch",
        "timing_shift",
        "missing_recognition",
        "unbooked_recognition",
        "recognized_outside_term",
        "amount_mismatch",
    },
    "rpt_msp_invoice_variance": {
        "not_invoiced",
        "not_calculated",
        "override_not_billed",
        "rate_difference",
        "volume_difference",
    },
    "rpt_msp_override_audit": {"applied", "pending", "rejected", "superseded", "orphaned"},
}


def make(out: Path, *, scale: float = 0.05, seed: int = 1, months: int = MONTHS, end: date = END) -> Path:
    generate(scale=scale, seed=seed, months=months, end=end, out=out)
    return out


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(
    scope="module", params=[(SCALE, 1, MONTHS, END), (0.05, 9, 12, date(2025, 11, 12))], ids=["demo", "odd"]
)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A connection with a sample's raw tables, each key's newest row (`latest_<table>`), the seeds and the truth."""
    scale, seed, months, end = request.param
    folder = make(tmp_path_factory.mktemp("sample"), scale=scale, seed=seed, months=months, end=end)
    with duckdb.connect() as connection:
        connection.execute(f"set variable as_of = timestamp '{end} 23:59:59'")
        connection.execute(f"set variable months = {months}")
        connection.execute("create macro code(text) as upper(nullif(trim(text), ''))")
        connection.execute("create macro type_of(text) as trim(regexp_replace(code(text), ' REVENUE$', ''))")
        connection.execute(f"create view truth as from '{folder}/truth/faults.parquet'")
        for name, file in {
            "methods_seed": "msp/completion_method_tiers",
            "tier_rates": "msp/tier_rates",
            "rules": "msp/environment_rules",
            "overrides": "msp/activity_point_overrides",
            "fx_seed": "revenue/fx_rates",
            "types_seed": "revenue/revenue_types",
        }.items():
            connection.execute(
                f"create table {name} as from read_csv('{SEEDS}/{file}.csv', header = true, all_varchar = true)"
            )
        connection.execute("create view methods as select code(completion_method) from methods_seed")
        connection.execute(
            "create view fx as select code(currency_code) as currency_code, cast(month as date) as month,"
            " cast(rate_to_reporting as decimal(18, 8)) as rate from fx_seed"
        )
        connection.execute(
            "create view types as"
            " select code(revenue_type) as revenue_type, revenue_category as category from types_seed"
        )
        for table, key in PRIMARY_KEYS.items():
            (path,) = folder.glob(f"*/{table}.parquet")
            newest = "occurred_at" if table == "support_case_events" else "updated_at"
            connection.execute(f"create view {table} as from '{path}'")
            connection.execute(
                f"create table latest_{table} as"
                f" select * exclude (nth, blank), coalesce(code({key}), '(none)-' || blank) as key from ("
                f"   select *, row_number() over ("
                f"     partition by code({key}), case when code({key}) is null then row_no end order by {newest} desc"
                f"   ) as nth,"
                f"     row_number() over (partition by code({key}) is null order by {newest} desc) as blank"
                f"   from (select *, row_number() over () as row_no from {table})"
                f" ) where nth = 1"
            )
        yield connection


# Rules over the whole log of a case, which test_oracle_quality recomputes.
LOG_RULES = [
    "events_out_of_order",
    "events_repeat_a_status",
    "missing_events",
    "reopened_count_contradicts_events",
    "resolution_without_event",
    "status_contradicts_events",
]


def rows(connection: Any, query: str) -> set[tuple[Any, ...]]:
    return set(connection.execute(query).fetchall())


def test_the_same_arguments_give_the_same_bytes_whatever_the_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {}
    for threads in (4, 1):
        with monkeypatch.context() as patched:
            patched.setattr(duckdb, "connect", functools.partial(duckdb.connect, config={"threads": threads}))
            made[threads] = digests(make(tmp_path / str(threads), scale=0.5))
    assert len(made[4]) == len(PRIMARY_KEYS) + 2
    assert made[4] == made[1]


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    one, two = digests(make(tmp_path / "one", seed=1)), digests(make(tmp_path / "two", seed=2))
    assert [name for name in one if one[name] == two[name]] == []


def test_row_counts_are_near_the_plan(tmp_path: Path) -> None:
    folder = make(tmp_path, scale=0.4)
    plan = {"service_tasks": 25_000, "deals": 2_000, "support_cases": 6_000, "support_case_events": 6_000 * 4.8}
    for table, planned in plan.items():
        (path,) = folder.glob(f"*/{table}.parquet")
        (count,) = duckdb.execute(f"select count(*) from '{path}'").fetchall()[0]
        assert count == pytest.approx(planned * 0.4, rel=0.05), table


def test_every_kind_of_fault_is_there(sample: Any) -> None:
    found = rows(sample, "select table_name, fault_kind from truth where expected_in = 'dq_failing_rows'")
    wanted = {(table, rule) for table, rules in ROW_RULES.items() for rule in rules}
    wanted |= {(table, rule) for table in PRIMARY_KEYS for rule in ("missing_key", "duplicate_key")}
    wanted.add(("revenue_entries", "reposted_entry"))
    wanted |= {("support_cases", rule) for rule in LOG_RULES}
    assert found == wanted
    least = sample.execute(
        "select min(n) from (select count(*) as n from truth where expected_in = 'dq_failing_rows'"
        " group by table_name, fault_kind)"
    ).fetchall()[0][0]
    assert least >= 2
    if sample.execute("select getvariable('months')").fetchall()[0][0] == MONTHS:
        for mart, kinds in EXPECTED_KINDS.items():
            assert rows(sample, f"select expected_value from truth where expected_in = '{mart}'") == {
                (kind,) for kind in kinds
            }, mart


def test_no_fault_is_listed_twice(sample: Any) -> None:
    assert (
        rows(
            sample,
            "select table_name, fault_kind, record_id from truth group by all having count(*) > 1",
        )
        == set()
    )


@pytest.mark.parametrize("table", list(PRIMARY_KEYS))
def test_truth_names_records_as_they_are_written(sample: Any, table: str) -> None:
    key = PRIMARY_KEYS[table]
    assert (
        rows(
            sample,
            f"select record_id from truth where table_name = '{table}' and expected_in = 'dq_failing_rows'"
            f" and record_id not like '(none)-%' and record_id not in (select trim({key}) from latest_{table}"
            f" where {key} is not null)",
        )
        == set()
    )


@pytest.mark.parametrize("table", list(PRIMARY_KEYS))
def test_no_other_row_breaks_a_rule(sample: Any, table: str) -> None:
    key = PRIMARY_KEYS[table]
    queries = [
        f"select '{rule}', key from latest_{table} as row where {condition}"
        for rule, condition in ROW_RULES[table].items()
    ]
    queries.append(f"select 'missing_key', key from latest_{table} where code({key}) is null")
    queries.append(
        f"select 'duplicate_key', code({key}) from {table} where code({key}) is not null"
        " group by all having count(*) > 1"
    )
    found = rows(sample, " union all ".join(queries))
    told = rows(
        sample,
        f"select fault_kind, upper(record_id) from truth where table_name = '{table}'"
        f" and expected_in = 'dq_failing_rows' and fault_kind not in {('reposted_entry', *LOG_RULES)}",
    )
    assert {(rule, str(record).upper()) for rule, record in found} == told


def test_each_revenue_difference_and_no_other_is_in_the_truth(sample: Any) -> None:
    sample.execute("""
        create or replace temp table deal as
        select *,
            code(deal_status) in ('WON', 'CLOSED WON') as is_won,
            (select category from types where types.revenue_type = type_of(d.revenue_type)) as category,
            code(currency_code) as currency,
            cast(date_trunc('month', coalesce(start_date, booked_on)) as date) as first_month
        from latest_deals as d;
        create or replace temp table booked as
        with terms as (
            select *,
                case category when 'one_time' then 1 else greatest(coalesce(duration_months, 0), 0) end as months,
                case when cancelled_on <= getvariable('as_of') then date_trunc('month', cancelled_on) end as last_month
            from deal
            where is_won or code(deal_status) = 'CANCELLED' and cancelled_on is not null
        ),
        months as (
            select *, unnest(range(months)) as i from terms where months > 0 and category is not null
        )
        select key as deal_id, cast(first_month + to_months(cast(i as integer)) as date) as month, category, currency,
            case when i = months - 1
                then contract_value - round(contract_value / cast(months as decimal(9, 0)), 2) * (months - 1)
                else round(contract_value / cast(months as decimal(9, 0)), 2) end as amount
        from months
        where last_month is null or first_month + to_months(cast(i as integer)) <= last_month;
        create or replace temp table posted as
        select e.*, coalesce(code(e.deal_id), '(NONE)') as deal,
            cast(date_trunc('month', recognition_period) as date) as month,
            coalesce(
                (select category from types where types.revenue_type = type_of(e.revenue_type)), 'unknown'
            ) as category,
            row_number() over (
                partition by code(deal_id), recognition_period, type_of(revenue_type), code(entry_type),
                    recognized_amount, posted_at
                order by key
            ) as copy,
            (select currency from deal where deal.key = code(e.deal_id)) as deal_currency
        from latest_revenue_entries as e
        where posted_at is null or posted_at <= getvariable('as_of')
    """)
    removed = rows(sample, "select key from posted where copy > 1")
    assert removed == rows(sample, "select record_id from truth where fault_kind = 'reposted_entry'")
    causes = rows(
        sample,
        """
        with converted as (
            select p.*, coalesce(code(p.currency_code), deal_currency) <> deal_currency as is_foreign,
                case
                    when coalesce(code(p.currency_code), deal_currency) is not distinct from deal_currency
                        or deal_currency is null then recognized_amount
                    else recognized_amount * own.rate / theirs.rate
                end as amount
            from posted as p
            left join fx as own on code(p.currency_code) = own.currency_code and p.month = own.month
            left join fx as theirs on p.deal_currency = theirs.currency_code and p.month = theirs.month
        ),
        recognized as (
            select deal as deal_id, month, category,
                sum(case when copy = 1 then coalesce(amount, 0) else 0 end) as amount,
                max(copy) > 1 as has_copy, coalesce(bool_or(is_foreign), false) as is_foreign, count(*) as entries
            from converted group by all
        ),
        cells as (
            select coalesce(b.deal_id, r.deal_id) as deal_id, coalesce(b.month, r.month) as month,
                coalesce(b.category, r.category) as category, coalesce(b.amount, 0) as booked,
                coalesce(r.amount, 0) as recognized, coalesce(r.amount, 0) - coalesce(b.amount, 0) as variance,
                coalesce(has_copy, false) as has_copy, coalesce(is_foreign, false) as is_foreign,
                b.deal_id is not null as is_booked, r.deal_id is not null as is_recognized
            from booked as b full join recognized as r
                on b.deal_id = r.deal_id and b.month = r.month and b.category = r.category
        ),
        judged as (
            select c.*, case
                when has_copy then 'duplicate_entry'
                when is_foreign then 'currency_mismatch'
                when abs(variance) <= 0.01 * abs(booked) then 'matched'
                when exists (select 1 from cells as o where o.deal_id = c.deal_id and o.month = c.month
                    and o.category <> c.category
                    and abs(o.variance + c.variance) <= 0.01 * greatest(abs(o.booked), abs(c.booked)))
                    then 'type_mismatch'
                when exists (select 1 from cells as o where o.deal_id = c.deal_id and o.category = c.category
                    and abs(datediff('month', o.month, c.month)) = 1 and o.variance * c.variance < 0
                    and abs(o.variance + c.variance) <= 0.01 * greatest(abs(o.booked), abs(c.booked)))
                    then 'timing_shift'
                when is_booked and not is_recognized then 'missing_recognition'
                when not coalesce((select is_won from deal where deal.key = c.deal_id), false)
                    then 'unbooked_recognition'
                when not is_booked then 'recognized_outside_term'
                else 'amount_mismatch'
            end as cause
            from cells as c where month <= getvariable('as_of')
        )
        select lower(concat(deal_id, '|', month, '|', category)), cause from judged where cause <> 'matched'
        """,
    )
    assert causes == rows(
        sample, "select lower(record_id), expected_value from truth where expected_in = 'fct_revenue_variance'"
    )


def test_each_invoice_difference_and_no_other_is_in_the_truth(sample: Any) -> None:
    differences = rows(
        sample,
        """
        with tasks as (
            select t.*, code(t.task_id) as task_key,
                coalesce(code(k.cost_centre), code(a.cost_centre)) as cost_centre,
                coalesce(code(k.site_code), code(a.site_code)) as site_code,
                k.short_description,
                (
                    select code(tier) from methods_seed as m
                    where code(m.completion_method) = code(t.completion_method)
                ) as tier
            from latest_service_tasks as t
            left join latest_service_tickets as k on code(t.ticket_id) = k.key
            left join latest_hardware_assets as a on code(t.asset_tag) = a.key
            where code(task_status) = 'COMPLETED' and completed_at <= getvariable('as_of')
        ),
        placed as (
            select *, coalesce((
                select arg_min(environment, cast(precedence as integer)) from rules
                where regexp_matches(
                    case field when 'cost_centre' then cost_centre when 'site_code' then site_code
                        else short_description end, pattern, 'i')
            ), 'Unassigned') as environment
            from tasks
        ),
        approved as (
            select code(task_id) as task_key, override_type, override_value,
                row_number() over (partition by code(task_id) order by approved_on desc, override_id desc) as nth
            from overrides
            where code(approved_by) <> code(requested_by) and cast(approved_on as date) <= getvariable('as_of')
                and override_type <> 'adjust_amount'
        ),
        retiered as (
            select placed.*, o.override_type, o.override_value,
                case when o.override_type = 'set_tier' then code(o.override_value) else placed.tier end as tier_now
            from placed left join approved as o on placed.task_key = o.task_key and o.nth = 1
        ),
        valued as (
            select r.*, coalesce(case override_type
                    when 'exclude' then 0
                    when 'set_points' then cast(override_value as decimal(18, 4))
                    else cast(points_per_task as decimal(18, 4)) * greatest(coalesce(quantity, 1), 0)
                end, 0) as points,
                cast(rate_gbp_per_point as decimal(18, 4)) as rate, upper(coalesce(tier_now, 'Untiered')) as tier_shown
            from retiered as r
            left join tier_rates as rates
                on code(rates.tier) = r.tier_now and cast(completed_at as date) >= cast(valid_from as date)
                and (code(valid_to) is null or cast(completed_at as date) < cast(valid_to as date))
        ),
        calculated as (
            select cast(date_trunc('month', completed_at) as date) as month, upper(environment) as environment,
                tier_shown as tier,
                sum(points) as points,
                sum(case override_type when 'set_amount' then cast(override_value as decimal(18, 2))
                    else coalesce(round(cast(points as decimal(18, 4)) * rate, 2), 0) end) as amount,
                bool_or(override_type is not null) as is_overridden
            from valued group by all
        ),
        invoiced as (
            select cast(date_trunc('month', billing_month) as date) as month,
                coalesce(code(environment), 'UNASSIGNED') as environment, coalesce(code(tier), 'UNTIERED') as tier,
                sum(activity_points) as points, sum(coalesce(amount_gbp, 0)) as amount
            from latest_msp_invoice_lines where billing_month is not null group by all
        ),
        compared as (
            select coalesce(c.month, i.month) as month, coalesce(c.environment, i.environment) as environment,
                coalesce(c.tier, i.tier) as tier, coalesce(c.amount, 0) as due, coalesce(i.amount, 0) as billed,
                c.points as points_due, i.points as points_billed, is_overridden
            from calculated as c full join invoiced as i
                on c.month = i.month and c.environment = i.environment and c.tier = i.tier
        )
        select concat(month, '|', environment, '|', tier), case
            when points_billed is null then 'not_invoiced' when points_due is null then 'not_calculated'
            when is_overridden then 'override_not_billed' when points_due = points_billed then 'rate_difference'
            else 'volume_difference' end
        from compared where abs(billed - due) > 0.01 * abs(due)
        """,
    )
    assert differences == rows(
        sample, "select upper(record_id), expected_value from truth where expected_in = 'rpt_msp_invoice_variance'"
    )


def test_open_cases_are_spread_over_their_targets_and_the_last_day_brings_a_burst(tmp_path: Path) -> None:
    folder = make(tmp_path / "sample", scale=0.5)
    with duckdb.connect() as connection:
        shares = connection.execute(
            f"""
            select
                count(*) filter (share < 0.8), count(*) filter (share between 0.8 and 1), count(*) filter (share > 1)
            from (
                select datediff('second', created_at, timestamp '2026-06-30 23:59:59')
                    / (case upper(trim(priority))
                        when 'P1' then 24 when 'P2' then 72 when 'P3' then 168 else 336 end * 3600.0) as share
                from '{folder}/support/support_cases.parquet'
                where lower(trim(case_status)) in ('new', 'open')
            )
            """
        ).fetchall()[0]
        (burst, usual) = connection.execute(
            f"""
            select count(*) filter (created_at >= timestamp '2026-06-30'), count(*) / 30.0
            from '{folder}/support/support_cases.parquet' where created_at >= timestamp '2026-06-01'
            """
        ).fetchall()[0]
    assert all(count >= 3 for count in shares), shares
    assert burst > 2 * usual


def test_what_happens_after_the_last_day_is_only_in_entries_posted_ahead(sample: Any) -> None:
    later = {
        "service_tickets": "opened_at",
        "service_tasks": "completed_at",
        "support_cases": "created_at",
        "support_case_events": "occurred_at",
        "msp_invoice_lines": "received_on",
    }
    for table, column in later.items():
        assert rows(sample, f"select 1 from {table} where {column} > getvariable('as_of')") == set(), table
    assert rows(sample, "select 1 from revenue_entries where posted_at > getvariable('as_of')") == {(1,)}


def test_a_sample_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path / "sample")
    before = digests(folder)
    monkeypatch.setitem(generator.QUERIES, "truth/faults", "select * from nowhere")
    with pytest.raises(SampleError, match="nowhere"):
        make(folder, seed=2)
    assert digests(folder) == before


@pytest.mark.parametrize(("scale", "months", "named"), [(0, 26, "--scale"), (1e6, 26, "--scale"), (1, 3, "--months")])
def test_sizes_that_make_no_sample_are_refused(tmp_path: Path, scale: float, months: int, named: str) -> None:
    with pytest.raises(SampleError, match=named):
        make(tmp_path, scale=scale, months=months)
    assert list(tmp_path.iterdir()) == []
