with

settings as (

    select * from {{ ref('int_run_settings') }}

),

reconciliation as (

    select * from {{ ref('rpt_revenue_reconciliation_monthly') }}

),

recovery as (

    select * from {{ ref('rpt_revenue_recovery') }}

),

last_month as (

    select
        cast(coalesce(sum(reconciliation.booked_amount), 0) as decimal(18, 2)) as booked_amount,
        cast(coalesce(sum(reconciliation.recognized_amount), 0) as decimal(18, 2)) as recognized_amount,
        cast(coalesce(sum(reconciliation.variance_amount), 0) as decimal(18, 2)) as variance_amount,
        sum(reconciliation.matched_deals) as matched_deals,
        sum(reconciliation.deal_count) as deal_count
    from settings
    left join reconciliation on reconciliation.revenue_month = {{ add_months('settings.as_of_month', -1) }}

),

open_discrepancies as (

    select
        coalesce(sum(recovery.open_count), 0) as open_count,
        cast(coalesce(sum(recovery.open_amount), 0) as decimal(18, 2)) as open_amount
    from settings
    left join recovery on settings.as_of_month = recovery.month

),

headline_figures as (

    select
        last_month.booked_amount as revenue_booked_last_month,
        last_month.recognized_amount as revenue_recognized_last_month,
        last_month.variance_amount as revenue_variance_last_month,
        {{ ratio('last_month.matched_deals', 'last_month.deal_count') }} as revenue_match_rate_last_month,
        open_discrepancies.open_count as revenue_open_discrepancies,
        open_discrepancies.open_amount as revenue_open_amount
    from last_month
    cross join open_discrepancies

)

select * from headline_figures
