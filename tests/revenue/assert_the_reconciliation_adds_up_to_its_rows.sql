-- A month here shows another total in rpt_revenue_reconciliation_monthly than its rows in fct_revenue_variance add up
-- to, or a variance that is not recognized less booked: finance could not trace the report to its deals.
with

reconciliation as (

    select * from {{ ref('rpt_revenue_reconciliation_monthly') }}

),

variances as (

    select * from {{ ref('fct_revenue_variance') }}

),

reported as (

    select
        revenue_month,
        sum(deal_count) as deal_count,
        sum(booked_amount) as booked_amount,
        sum(recognized_amount) as recognized_amount,
        sum(variance_amount) as variance_amount,
        sum(unconverted_rows) as unconverted_rows
    from reconciliation
    group by revenue_month

),

added_up as (

    select
        revenue_month,
        count(*) as deal_count,
        coalesce(sum(booked_amount_reporting), 0) as booked_amount,
        coalesce(sum(recognized_amount_reporting), 0) as recognized_amount,
        sum(case when variance_amount_reporting is null then 1 else 0 end) as unconverted_rows
    from variances
    group by revenue_month

),

differing as (

    select
        coalesce(added_up.revenue_month, reported.revenue_month) as revenue_month,
        added_up.booked_amount as expected_booked,
        reported.booked_amount as found_booked,
        added_up.recognized_amount as expected_recognized,
        reported.recognized_amount as found_recognized
    from added_up
    full outer join reported on added_up.revenue_month = reported.revenue_month
    where
        added_up.revenue_month is null
        or reported.revenue_month is null
        or added_up.deal_count <> reported.deal_count
        or added_up.unconverted_rows <> reported.unconverted_rows
        or added_up.booked_amount <> reported.booked_amount
        or added_up.recognized_amount <> reported.recognized_amount
        or reported.recognized_amount - reported.booked_amount <> reported.variance_amount

)

select * from differing
