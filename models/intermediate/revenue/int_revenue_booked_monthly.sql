{{ config(materialized='view') }}

with

schedule as (

    select * from {{ ref('int_revenue_schedule') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

seen as (

    select
        schedule.deal_hash,
        schedule.deal_key,
        schedule.deal_id,
        schedule.revenue_month,
        schedule.revenue_category,
        schedule.booked_amount,
        schedule.currency_code
    from schedule
    cross join settings
    where
        {{ is_booked('schedule', 'settings') }}

)

select * from seen
