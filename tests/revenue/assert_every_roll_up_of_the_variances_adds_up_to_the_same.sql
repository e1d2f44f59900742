-- A month here has a dimension (category, segment, region, representative, cause) whose members do not add up to the
-- reconciliation of the month: a report by that dimension would lose revenue or count it twice. The causes are among
-- them, so the variance of a month is the sum of its causes and nothing is left over. Look for the rows of the month in
-- fct_revenue_variance whose value in that dimension is empty.
with

summary as (

    select * from {{ ref('rpt_revenue_variance_summary') }}

),

reconciliation as (

    select * from {{ ref('rpt_revenue_reconciliation_monthly') }}

),

rolled_up as (

    select
        revenue_month,
        dimension,
        sum(deal_count) as deal_count,
        sum(matched_deals) as matched_deals,
        sum(booked_amount) as booked_amount,
        sum(recognized_amount) as recognized_amount,
        sum(variance_amount) as variance_amount
    from summary
    group by revenue_month, dimension

),

dimensions as (

    select distinct dimension
    from summary

),

reconciled as (

    select
        revenue_month,
        sum(deal_count) as deal_count,
        sum(matched_deals) as matched_deals,
        sum(booked_amount) as booked_amount,
        sum(recognized_amount) as recognized_amount,
        sum(variance_amount) as variance_amount
    from reconciliation
    group by revenue_month

),

differing as (

    select
        reconciled.revenue_month,
        dimensions.dimension,
        reconciled.variance_amount as expected_variance,
        rolled_up.variance_amount as found_variance
    from reconciled
    cross join dimensions
    left join rolled_up
        on
            reconciled.revenue_month = rolled_up.revenue_month
            and dimensions.dimension = rolled_up.dimension
    where
        rolled_up.dimension is null
        or reconciled.deal_count <> rolled_up.deal_count
        or reconciled.matched_deals <> rolled_up.matched_deals
        or reconciled.booked_amount <> rolled_up.booked_amount
        or reconciled.recognized_amount <> rolled_up.recognized_amount
        or reconciled.variance_amount <> rolled_up.variance_amount
        or rolled_up.recognized_amount - rolled_up.booked_amount <> rolled_up.variance_amount

)

select * from differing
