-- A deal here has scheduled months up to the month of as_of that fct_revenue_variance does not hold with the same
-- amount: what was sold would not be asked for. Compare the deal in fct_revenue_schedule and in fct_revenue_variance.
with

schedule as (

    select * from {{ ref('fct_revenue_schedule') }}

),

variances as (

    select * from {{ ref('fct_revenue_variance') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

booked as (

    select
        schedule.deal_key,
        sum(schedule.booked_amount) as booked_amount
    from schedule
    cross join settings
    where schedule.revenue_month <= settings.as_of_month
    group by schedule.deal_key

),

reported as (

    select
        deal_key,
        sum(booked_amount) as booked_amount
    from variances
    group by deal_key

),

differing as (

    select
        coalesce(booked.deal_key, reported.deal_key) as deal_key,
        booked.booked_amount as expected_amount,
        reported.booked_amount as found_amount
    from booked
    full outer join reported on booked.deal_key = reported.deal_key
    where coalesce(booked.booked_amount, 0) <> coalesce(reported.booked_amount, 0)

)

select * from differing
