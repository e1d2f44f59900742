{#- The steps of each way from a source to a mart, in order. total: a total of its own, that the one before less the
    steps between must give. less: what is left out there. conversion: the same rows in another unit, begun anew. -#}
{%- set steps = [
    ('deals', 1, 'total', 'Rows of the source table deals'),
    ('deals', 2, 'less', 'Older versions of a deal'),
    ('deals', 3, 'total', 'Deals (stg_analytics__deals)'),
    ('deals', 4, 'less', 'Booked after as_of'),
    ('deals', 5, 'less', 'Not won'),
    ('deals', 6, 'less', 'Without a valid term or a month to begin in'),
    ('deals', 7, 'total', 'Deals scheduled (int_revenue_schedule)'),
    ('deals', 8, 'less', 'Months after a cancellation'),
    ('deals', 9, 'total', 'Deals with their obligation (int_revenue_obligations)'),
    ('schedule', 1, 'total', 'Months booked (fct_revenue_schedule)'),
    ('schedule', 2, 'total', 'Months booked (fct_revenue_variance)'),
    ('schedule', 3, 'conversion', 'Rows with a rate, in the reporting currency (fct_revenue_variance)'),
    ('schedule', 4, 'total', 'Booked (rpt_revenue_reconciliation_monthly)'),
    ('ledger', 1, 'total', 'Rows of the source table revenue_entries'),
    ('ledger', 2, 'less', 'Older versions of an entry'),
    ('ledger', 3, 'total', 'Entries (stg_accounting__revenue_entries)'),
    ('ledger', 4, 'less', 'Posted after as_of'),
    ('ledger', 5, 'less', 'Re-postings'),
    ('ledger', 6, 'less', 'In no month, or in one after that of as_of'),
    ('ledger', 7, 'total', 'Entries that count (int_revenue_entries)'),
    ('ledger', 8, 'conversion', 'Entries that count, in the currency of the deal (int_revenue_recognized_monthly)'),
    ('ledger', 9, 'total', 'Entries that count (fct_revenue_variance)'),
    ('ledger', 10, 'conversion', 'Rows with a rate, in the reporting currency (fct_revenue_variance)'),
    ('ledger', 11, 'total', 'Recognized (rpt_revenue_reconciliation_monthly)')
] -%}
with

source_deals as (

    select * from {{ source('analytics', 'deals') }}

),

staged_deals as (

    select * from {{ ref('stg_analytics__deals') }}

),

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

schedule as (

    select * from {{ ref('int_revenue_schedule') }}

),

obligations as (

    select * from {{ ref('int_revenue_obligations') }}

),

scheduled_months as (

    select * from {{ ref('fct_revenue_schedule') }}

),

source_entries as (

    select * from {{ source('accounting', 'revenue_entries') }}

),

staged_entries as (

    select * from {{ ref('stg_accounting__revenue_entries') }}

),

entries as (

    select * from {{ ref('int_revenue_entries') }}

),

recognized as (

    select * from {{ ref('int_revenue_recognized_monthly') }}

),

totals as (

    select * from {{ ref('int_revenue_totals') }}

),

reconciliation as (

    select * from {{ ref('rpt_revenue_reconciliation_monthly') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

deals_judged as (

    select
        deals.booked_on as counted_on,
        deals.contract_value,
        case
            when deals.booked_on > settings.as_of_date then 4
            when deals.is_won = 0 then 5
            when deals.scheduled_months = 0 then 6
            else 7
        end as step_number
    from deals
    cross join settings

),

deals_scheduled as (

    select
        schedule.deal_hash,
        max(schedule.booked_on) as counted_on,
        sum(schedule.booked_amount) as contract_value
    from schedule
    cross join settings
    where coalesce(schedule.booked_on, cast('1900-01-01' as date)) <= settings.as_of_date
    group by schedule.deal_hash

),

deals_with_obligation as (

    select
        deals.booked_on as counted_on,
        count(*) as row_count,
        sum(obligations.contract_value - obligations.booked_amount) as cancelled_amount,
        sum(obligations.booked_amount) as booked_amount
    from obligations
    inner join deals on obligations.deal_hash = deals.deal_hash
    group by deals.booked_on

),

entries_judged as (

    select
        entries.revenue_month as counted_on,
        entries.recognized_amount,
        case
            when entries.posted_at > settings.as_of then 4
            when entries.is_reposted_entry = 1 then 5
            when entries.revenue_month is null or entries.revenue_month > settings.as_of_month then 6
            else 7
        end as step_number
    from entries
    cross join settings

),

-- By day: a month in words for each of millions of rows would cost more than all the rest.
counted_days as (

    select
        'deals' as chain,
        1 as step_number,
        booked_on as counted_on,
        count(*) as row_count,
        sum(contract_value) as amount
    from source_deals
    group by booked_on

    union all

    select
        'deals' as chain,
        3 as step_number,
        booked_on as counted_on,
        count(*) as row_count,
        sum(contract_value) as amount
    from staged_deals
    group by booked_on

    union all

    select
        'deals' as chain,
        step_number,
        counted_on,
        count(*) as row_count,
        sum(contract_value) as amount
    from deals_judged
    where step_number < 7
    group by step_number, counted_on

    union all

    select
        'deals' as chain,
        7 as step_number,
        counted_on,
        count(*) as row_count,
        sum(contract_value) as amount
    from deals_scheduled
    group by counted_on

    union all

    select
        'deals' as chain,
        8 as step_number,
        counted_on,
        0 as row_count,
        cancelled_amount as amount
    from deals_with_obligation

    union all

    select
        'deals' as chain,
        9 as step_number,
        counted_on,
        row_count,
        booked_amount as amount
    from deals_with_obligation

    union all

    select
        'schedule' as chain,
        1 as step_number,
        scheduled_months.revenue_month as counted_on,
        sum(case when scheduled_months.booked_amount <> 0 then 1 else 0 end) as row_count,
        sum(scheduled_months.booked_amount) as amount
    from scheduled_months
    cross join settings
    where scheduled_months.revenue_month <= settings.as_of_month
    group by scheduled_months.revenue_month

    union all

    select
        'schedule' as chain,
        2 as step_number,
        revenue_month as counted_on,
        sum(booked_months) as row_count,
        sum(booked_amount_unconverted) as amount
    from totals
    group by revenue_month

    union all

    select
        'schedule' as chain,
        3 as step_number,
        revenue_month as counted_on,
        sum(deal_count - unconverted_rows) as row_count,
        sum(booked_amount) as amount
    from totals
    group by revenue_month

    union all

    select
        'schedule' as chain,
        4 as step_number,
        revenue_month as counted_on,
        sum(deal_count - unconverted_rows) as row_count,
        sum(booked_amount) as amount
    from reconciliation
    group by revenue_month

    union all

    select
        'ledger' as chain,
        1 as step_number,
        recognition_period as counted_on,
        count(*) as row_count,
        sum(recognized_amount) as amount
    from source_entries
    group by recognition_period

    union all

    select
        'ledger' as chain,
        3 as step_number,
        recognition_period as counted_on,
        count(*) as row_count,
        sum(recognized_amount) as amount
    from staged_entries
    group by recognition_period

    union all

    select
        'ledger' as chain,
        step_number,
        counted_on,
        count(*) as row_count,
        sum(recognized_amount) as amount
    from entries_judged
    group by step_number, counted_on

    union all

    select
        'ledger' as chain,
        8 as step_number,
        recognized.revenue_month as counted_on,
        sum(recognized.entry_count - recognized.reposted_entry_count) as row_count,
        sum(recognized.recognized_amount) as amount
    from recognized
    cross join settings
    where recognized.revenue_month <= settings.as_of_month
    group by recognized.revenue_month

    union all

    select
        'ledger' as chain,
        9 as step_number,
        revenue_month as counted_on,
        sum(counted_entries) as row_count,
        sum(recognized_amount_unconverted) as amount
    from totals
    group by revenue_month

    union all

    select
        'ledger' as chain,
        10 as step_number,
        revenue_month as counted_on,
        sum(deal_count - unconverted_rows) as row_count,
        sum(recognized_amount) as amount
    from totals
    group by revenue_month

    union all

    select
        'ledger' as chain,
        11 as step_number,
        revenue_month as counted_on,
        sum(deal_count - unconverted_rows) as row_count,
        sum(recognized_amount) as amount
    from reconciliation
    group by revenue_month

),

counted as (

    select
        chain,
        step_number,
        coalesce({{ month_text('counted_on') }}, '(none)') as period,
        sum(row_count) as row_count,
        sum(amount) as amount
    from counted_days
    group by chain, step_number, coalesce({{ month_text('counted_on') }}, '(none)')

),

-- Versions of one key may name different periods: what the older ones take away is the difference.
superseded as (

    select
        chain,
        2 as step_number,
        period,
        sum(case when step_number = 1 then row_count else -row_count end) as row_count,
        sum(case when step_number = 1 then coalesce(amount, 0) else -coalesce(amount, 0) end) as amount
    from counted
    where chain <> 'schedule' and step_number in (1, 3)
    group by chain, period

),

every_count as (

    select * from counted
    union all
    select * from superseded

),

steps as (
    {%- for chain, step_number, step_kind, description in steps %}

    select
        '{{ chain }}' as chain,
        {{ step_number }} as step_number,
        '{{ step_kind }}' as step_kind,
        '{{ description }}' as step
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

periods as (

    select distinct
        chain,
        period
    from every_count

),

every_step as (

    select
        periods.chain,
        periods.period,
        steps.step_number,
        steps.step_kind,
        steps.step,
        coalesce(every_count.row_count, 0) as row_count,
        coalesce(every_count.amount, 0) as amount
    from periods
    inner join steps on periods.chain = steps.chain
    left join every_count
        on
            periods.chain = every_count.chain
            and periods.period = every_count.period
            and steps.step_number = every_count.step_number

),

-- A section begins with a total and holds what is left out after it.
sectioned as (

    select
        *,
        sum(case when step_kind = 'less' then 0 else 1 end) over (
            partition by chain, period
            order by step_number rows between unbounded preceding and current row
        ) as section
    from every_step

),

carried_over as (

    select
        chain,
        period,
        section + 1 as section,
        sum(case when step_kind = 'less' then -row_count else row_count end) as row_count,
        sum(case when step_kind = 'less' then -amount else amount end) as amount
    from sectioned
    group by chain, period, section

),

compared as (

    select
        sectioned.*,
        case when sectioned.step_kind = 'total' then sectioned.row_count - carried_over.row_count end as row_difference,
        case when sectioned.step_kind = 'total' then sectioned.amount - carried_over.amount end as amount_difference
    from sectioned
    left join carried_over
        on
            sectioned.chain = carried_over.chain
            and sectioned.period = carried_over.period
            and sectioned.section = carried_over.section

),

final as (

    select
        cast(chain as nvarchar(20)) as chain,
        cast(period as nvarchar(10)) as period,
        cast(step_number as integer) as step_number,
        cast(step_kind as nvarchar(20)) as step_kind,
        cast(step as nvarchar(100)) as step,
        cast(row_count as bigint) as row_count,
        cast(amount as decimal(18, 2)) as amount,
        cast(coalesce(row_difference, 0) as bigint) as row_difference,
        cast(coalesce(amount_difference, 0) as decimal(18, 2)) as amount_difference
    from compared

)

select * from final
