-- A deal here has scheduled months up to the month of as_of that fct_revenue_variance does not hold with the same
-- amount: what was sold would not be asked for. Compare the deal in int_revenue_booked_monthly and in
-- int_revenue_variances.
with

schedule as (

    select * from {{ ref('int_revenue_booked_monthly') }}

),

variances as (

    select * from {{ ref('int_revenue_variances') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

booked as (

    select
        schedule.deal_hash,
        sum(schedule.booked_amount) as booked_amount
    from schedule
    cross join settings
    where schedule.revenue_month <= settings.as_of_month
    group by schedule.deal_hash

),

reported as (

    select
        deal_hash,
        sum(booked_amount) as booked_amount
    from variances
    group by deal_hash

),

differing as (

    select
        coalesce(booked.deal_hash, reported.deal_hash) as deal_hash,
        booked.booked_amount as expected_amount,
        reported.booked_amount as found_amount
    from booked
    full outer join reported on booked.deal_hash = reported.deal_hash
    where coalesce(booked.booked_amount, 0) <> coalesce(reported.booked_amount, 0)

)

select * from differing
