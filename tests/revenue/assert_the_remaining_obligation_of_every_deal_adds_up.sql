-- A deal here owes another amount than what is left of it: the months of its schedule, less what the ledger recognized,
-- or the parts behind schedule, due within twelve months and due later, do not give its remaining obligation. The
-- disclosure of what is still to come would be wrong. Compare the deal in fct_revenue_schedule, in fct_revenue_variance
-- and in int_revenue_obligations.
with

obligations as (

    select * from {{ ref('fct_revenue_remaining_obligation') }}

),

schedule as (

    select * from {{ ref('fct_revenue_schedule') }}

),

variances as (

    select * from {{ ref('fct_revenue_variance') }}

),

scheduled as (

    select
        deal_key,
        sum(booked_amount) as booked_amount
    from schedule
    group by deal_key

),

recognized as (

    select
        deal_key,
        sum(recognized_amount) as recognized_amount
    from variances
    group by deal_key

),

differing as (

    select
        coalesce(obligations.deal_key, scheduled.deal_key) as deal_key,
        obligations.remaining_obligation as found_obligation,
        scheduled.booked_amount as expected_booked,
        recognized.recognized_amount as expected_recognized
    from obligations
    full outer join scheduled on obligations.deal_key = scheduled.deal_key
    left join recognized on obligations.deal_key = recognized.deal_key
    where
        obligations.deal_key is null
        or obligations.booked_amount <> coalesce(scheduled.booked_amount, 0)
        or obligations.remaining_obligation
        <> coalesce(scheduled.booked_amount, 0) - coalesce(recognized.recognized_amount, 0)
        or obligations.remaining_obligation
        <> obligations.behind_schedule_amount + obligations.due_within_12_months + obligations.due_later

)

select * from differing
