-- A failure means that a month or an amount is missing from the rolling cost, so that trends and seasons are drawn
-- from a window with holes. Every environment and tier must have rolling_months rows that add up to the monthly
-- cost.
with

rolling as (

    select * from {{ ref('rpt_msp_cost_rolling_12m') }}

),

costs as (

    select * from {{ ref('rpt_msp_cost_monthly') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

parts as (

    select
        upper(environment) as environment_key,
        upper(tier) as tier_key,
        1 as month_count,
        amount_gbp
    from rolling

    union all

    select
        upper(costs.environment) as environment_key,
        upper(costs.tier) as tier_key,
        0 as month_count,
        -costs.amount_gbp as amount_gbp
    from costs
    cross join settings
    where
        costs.billing_month <= settings.as_of_month
        and costs.billing_month > {{ add_months('settings.as_of_month', '-settings.rolling_months') }}

),

differing as (

    select
        parts.environment_key,
        parts.tier_key,
        sum(parts.month_count) as month_count,
        sum(parts.amount_gbp) as amount_gbp
    from parts
    cross join settings
    group by parts.environment_key, parts.tier_key, settings.rolling_months
    having sum(parts.month_count) <> settings.rolling_months or sum(parts.amount_gbp) <> 0

)

select * from differing
