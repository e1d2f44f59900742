{{ config(materialized='view') }}

with

history as (

    select * from {{ ref('int_revenue_discrepancy_history') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

seen as (

    select
        history.*,
        coalesce(
            lag(history.is_open) over (
                partition by history.deal_key, history.revenue_month, history.revenue_category
                order by history.observed_as_of
            ),
            0
        ) as was_open,
        coalesce(
            lag(history.is_open * history.amount) over (
                partition by history.deal_key, history.revenue_month, history.revenue_category
                order by history.observed_as_of
            ),
            0
        ) as amount_before
    from history
    cross join settings
    where history.observed_as_of <= settings.as_of

),

steps as (

    select
        deal_key,
        deal_id,
        revenue_month,
        revenue_category,
        observed_as_of,
        cause,
        amount,
        amount_before,
        is_open,
        case when is_open = 1 and was_open = 0 then 1 else 0 end as is_found,
        case when is_open = 0 and was_open = 1 then 1 else 0 end as is_recovered
    from seen

)

select * from steps
