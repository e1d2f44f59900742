{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        pre_hook="{{ forget_closing('revenue') }}"
    )
}}

with

settings as (

    select * from {{ ref('int_run_settings') }}

),

period_closes as (

    select * from {{ ref('stg_reference__period_closes') }}

),

schedule as (

    select * from {{ ref('int_revenue_schedule') }}

),

entries as (

    select * from {{ ref('int_revenue_entries') }}

),

closings as (

    select
        period_closes.period,
        period_closes.closed_on
    from period_closes
    cross join settings
    {%- if is_incremental() %}
    left join {{ this }} as kept
        on
            period_closes.period = kept.period
            and period_closes.closed_on = kept.closed_on
            and kept.kind = 'period'
    {%- endif %}
    where
        period_closes.domain = 'revenue'
        and period_closes.closed_on <= settings.as_of_date
        {%- if is_incremental() %}
        and kept.period is null
        {%- endif %}

),

-- What was booked or posted after the day of closing was no part of the figures as they stood, even when the first run
-- that sees the closing comes later still.
figures as (

    select
        period,
        closed_on,
        'period' as kind,
        '(period)' as subject_key,
        '(period)' as subject,
        cast(null as nvarchar(255)) as currency_code,
        0 as amount,
        0 as original_amount
    from closings

    union all

    select
        closings.period,
        closings.closed_on,
        'booking' as kind,
        schedule.deal_key as subject_key,
        schedule.deal_id as subject,
        schedule.currency_code,
        schedule.booked_amount as amount,
        schedule.booked_amount as original_amount
    from closings
    inner join schedule on closings.period = schedule.revenue_month
    where
        (schedule.booked_on <= closings.closed_on or schedule.booked_on is null)
        and (
            schedule.cancelled_on is null
            or schedule.cancelled_on > closings.closed_on
            or schedule.revenue_month <= schedule.cancelled_on
        )

    union all

    select
        closings.period,
        closings.closed_on,
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
        and (
            entries.posted_at is null
            or (cast(entries.posted_at as date) <= closings.closed_on and entries.posted_at <= settings.as_of)
        )

),

final as (

    select
        cast(period as date) as period,
        cast(closed_on as date) as closed_on,
        cast(kind as nvarchar(20)) as kind,
        cast(subject_key as nvarchar(255)) as subject_key,
        cast(subject as nvarchar(255)) as subject,
        cast(currency_code as nvarchar(255)) as currency_code,
        cast(amount as decimal(18, 2)) as amount,
        cast(original_amount as decimal(18, 2)) as original_amount
    from figures

)

select * from final
