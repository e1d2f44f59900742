-- A deal is missing here when the months of its full term do not add up to its contract value, or when a month of it is
-- missing or there twice: revenue would be booked twice or never. Look at the deal in int_revenue_deals
-- (contract_value, scheduled_months) and at the rounding of its months in int_revenue_schedule; the last month must
-- take the rest. Every month is there once where the fingerprints of the months add up to those from the first to the
-- last: to count them apart would cost more than to make them.
with

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

schedule as (

    select * from {{ ref('int_revenue_schedule') }}

),

scheduled as (

    select
        deal_hash,
        count(*) as month_count,
        min(revenue_month) as first_month,
        max(revenue_month) as last_month,
        {{ sum_of_fingerprints(row_hash(['revenue_month'])) }} as months_hash,
        sum(booked_amount) as booked_amount
    from schedule
    group by deal_hash

),

months as (

    select revenue_month
    from schedule
    group by revenue_month

),

hashed_months as (

    select
        revenue_month,
        {{ row_hash(['revenue_month']) }} as month_hash
    from months

),

months_to_date as (

    select
        revenue_month,
        month_hash,
        {{ sum_of_fingerprints('month_hash') }} over (
            order by revenue_month rows between unbounded preceding and current row
        ) as hash_to_date
    from hashed_months

),

expected as (

    select
        scheduled.*,
        last_months.hash_to_date - first_months.hash_to_date + first_months.month_hash as expected_hash
    from scheduled
    inner join months_to_date as first_months on scheduled.first_month = first_months.revenue_month
    inner join months_to_date as last_months on scheduled.last_month = last_months.revenue_month

),

differing as (

    select
        deals.deal_key,
        coalesce(deals.deal_hash, expected.deal_hash) as deal_hash,
        deals.contract_value,
        expected.booked_amount,
        deals.scheduled_months,
        expected.month_count,
        deals.first_month as expected_first_month,
        expected.first_month
    from deals
    full outer join expected on deals.deal_hash = expected.deal_hash
    where
        (expected.deal_hash is null and deals.scheduled_months > 0)
        or (
            expected.deal_hash is not null
            and (
                deals.deal_hash is null
                or deals.contract_value <> expected.booked_amount
                or deals.scheduled_months <> expected.month_count
                or deals.first_month <> expected.first_month
                or {{ months_between('expected.first_month', 'expected.last_month') }} + 1 <> expected.month_count
                or expected.months_hash <> expected.expected_hash
            )
        )

)

select * from differing
