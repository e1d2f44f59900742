-- A deal here has scheduled months up to the month of as_of that fct_revenue_variance does not hold with the same
-- amount: what was sold would not be asked for. Compare the deal in int_revenue_booked_monthly and in
-- int_revenue_variances. What is scheduled to date is taken as int_revenue_obligations has it:
-- assert_the_remaining_obligation_of_every_deal_adds_up holds that against the schedule.
with

obligations as (

    select * from {{ ref('int_revenue_obligations') }}

),

variances as (

    select * from {{ ref('int_revenue_variances') }}

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
        coalesce(obligations.deal_hash, reported.deal_hash) as deal_hash,
        obligations.scheduled_to_date as expected_amount,
        reported.booked_amount as found_amount
    from obligations
    full outer join reported on obligations.deal_hash = reported.deal_hash
    where coalesce(obligations.scheduled_to_date, 0) <> coalesce(reported.booked_amount, 0)

)

select * from differing
