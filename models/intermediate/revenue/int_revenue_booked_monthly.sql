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
        (schedule.booked_on <= settings.as_of_date or schedule.booked_on is null)
        and (
            schedule.cancelled_on is null
            or schedule.cancelled_on > settings.as_of_date
            or schedule.revenue_month <= schedule.cancelled_on
        )

)

select * from seen
