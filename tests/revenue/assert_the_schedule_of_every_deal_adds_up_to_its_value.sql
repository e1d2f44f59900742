-- A deal is missing here when the months of its full term do not add up to its contract value: revenue would be booked
-- twice or never. Look at the deal in int_revenue_deals (contract_value, scheduled_months) and at the rounding of its
-- months in int_revenue_schedule; the last month must take the rest.
with

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

schedule as (

    select * from {{ ref('int_revenue_schedule') }}

),

scheduled as (

    select
        deal_key,
        count(*) as month_count,
        count(distinct revenue_month) as distinct_months,
        sum(booked_amount) as booked_amount
    from schedule
    group by deal_key

),

differing as (

    select
        coalesce(deals.deal_key, scheduled.deal_key) as deal_key,
        deals.contract_value,
        scheduled.booked_amount,
        deals.scheduled_months,
        scheduled.month_count
    from deals
    full outer join scheduled on deals.deal_key = scheduled.deal_key
    where
        (scheduled.deal_key is null and deals.scheduled_months > 0)
        or (
            scheduled.deal_key is not null
            and (
                deals.deal_key is null
                or deals.contract_value <> scheduled.booked_amount
                or deals.scheduled_months <> scheduled.month_count
                or scheduled.month_count <> scheduled.distinct_months
            )
        )

)

select * from differing
