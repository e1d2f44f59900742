-- A deal here owes another amount than what is left of it: the months of its schedule, less what the ledger recognized,
-- or the parts behind schedule (the months up to as_of, less what was recognized), due within twelve months and due
-- later, do not give its remaining obligation. The disclosure of what is still to come would be wrong. Compare the deal
-- in fct_revenue_schedule, in fct_revenue_variance and in int_revenue_obligations. What is recognized of a deal is
-- taken as the mart has it: assert_every_amount_recognized_is_in_the_variances holds that against the ledger.
with

obligations as (

    select
        obligations.*,
        {{ row_fingerprint(['obligations.deal_key']) }} as deal_hash
    from {{ ref('fct_revenue_remaining_obligation') }} as obligations

),

schedule as (

    select * from {{ ref('int_revenue_booked_monthly') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

scheduled as (

    select
        schedule.deal_hash,
        sum(schedule.booked_amount) as booked_amount,
        sum(case when schedule.revenue_month <= settings.as_of_month then schedule.booked_amount else 0 end)
            as scheduled_to_date
    from schedule
    cross join settings
    group by schedule.deal_hash

),

differing as (

    select
        obligations.deal_key,
        coalesce(obligations.deal_hash, scheduled.deal_hash) as deal_hash,
        obligations.remaining_obligation as found_obligation,
        obligations.recognized_amount,
        scheduled.booked_amount as expected_booked
    from obligations
    full outer join scheduled on obligations.deal_hash = scheduled.deal_hash
    where
        obligations.deal_hash is null
        or obligations.booked_amount <> coalesce(scheduled.booked_amount, 0)
        or obligations.remaining_obligation
        <> coalesce(scheduled.booked_amount, 0) - obligations.recognized_amount
        or obligations.behind_schedule_amount
        <> coalesce(scheduled.scheduled_to_date, 0) - obligations.recognized_amount
        or obligations.remaining_obligation
        <> obligations.behind_schedule_amount + obligations.due_within_12_months + obligations.due_later

)

select * from differing
