with

settings as (

    select * from {{ ref('int_run_settings') }}

),

period_closes as (

    select * from {{ ref('stg_reference__period_closes') }}

),

closed_figures as (

    select * from {{ ref('int_revenue_closed_figures') }}

),

booked as (

    select * from {{ ref('int_revenue_booked_monthly') }}

),

entries as (

    select * from {{ ref('int_revenue_entries') }}

),

deals as (

    select * from {{ ref('stg_analytics__deals') }}

),

closings as (

    select
        period_closes.period,
        period_closes.closed_on
    from period_closes
    cross join settings
    where period_closes.domain = 'revenue' and period_closes.closed_on <= settings.as_of_date

),

as_closed as (

    select closed_figures.*
    from closings
    inner join closed_figures
        on closings.period = closed_figures.period and closings.closed_on = closed_figures.closed_on
    where closed_figures.kind <> 'period'

),

standing_now as (

    select
        closings.period,
        'booking' as kind,
        booked.deal_key as subject_key,
        booked.deal_id as subject,
        booked.currency_code,
        booked.booked_amount as amount,
        booked.booked_amount as original_amount
    from closings
    inner join booked on closings.period = booked.revenue_month

    union all

    select
        closings.period,
        'entry' as kind,
        entries.entry_key as subject_key,
        entries.entry_id as subject,
        entries.currency_code,
        coalesce(entries.amount_in_deal_currency, 0) as amount,
        entries.recognized_amount as original_amount
    from closings
    inner join entries on closings.period = entries.revenue_month
    cross join settings
    where
        entries.is_reposted_entry = 0
        and (entries.posted_at is null or entries.posted_at <= settings.as_of)

),

compared as (

    select
        coalesce(standing_now.period, as_closed.period) as period,
        coalesce(standing_now.kind, as_closed.kind) as kind,
        coalesce(standing_now.subject, as_closed.subject) as subject,
        coalesce(standing_now.subject_key, as_closed.subject_key) as subject_key,
        cast(coalesce(as_closed.amount, 0) as decimal(18, 2)) as value_as_closed,
        cast(coalesce(standing_now.amount, 0) as decimal(18, 2)) as value_now,
        as_closed.original_amount as original_as_closed,
        standing_now.original_amount as original_now,
        as_closed.currency_code as currency_as_closed,
        standing_now.currency_code as currency_now
    from as_closed
    full outer join standing_now
        on
            as_closed.period = standing_now.period
            and as_closed.kind = standing_now.kind
            and as_closed.subject_key = standing_now.subject_key

),

-- A deal that left the schedule but not the books was changed (cancelled, no longer won), not removed.
explained as (

    select
        compared.period,
        case when compared.kind = 'booking' then 'booked_amount' else 'recognized_amount' end as measure,
        compared.subject,
        compared.value_as_closed,
        compared.value_now,
        case
            when compared.original_as_closed is null then 'late row'
            when compared.original_now is null and compared.kind = 'booking' and deals.deal_key is not null
                then 'changed row'
            when compared.original_now is null then 'removed row'
            when
                compared.original_as_closed = compared.original_now
                and compared.currency_as_closed = compared.currency_now
                then 'rate'
            else 'changed row'
        end as cause
    from compared
    left join deals on compared.subject_key = deals.deal_key
    where compared.value_as_closed <> compared.value_now

)

select * from explained
