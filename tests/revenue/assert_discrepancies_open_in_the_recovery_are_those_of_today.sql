-- The recovery report says that other discrepancies are open than fct_revenue_variance holds: its history missed one
-- that was found or one that cleared. Look in int_revenue_discrepancy_history for the last state of each discrepancy;
-- it must be open for exactly the rows of the mart whose cause is not matched.
with

recovery as (

    select * from {{ ref('rpt_revenue_recovery') }}

),

variances as (

    select * from {{ ref('fct_revenue_variance') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

today as (

    select
        count(*) as open_count,
        coalesce(sum(abs(variance_amount_reporting)), 0) as open_amount
    from variances
    where cause <> 'matched'

),

differing as (

    select
        today.open_count as expected_count,
        recovery.open_count as found_count,
        today.open_amount as expected_amount,
        recovery.open_amount as found_amount
    from today
    cross join settings
    left join recovery on settings.as_of_month = recovery.{{ column_name('month') }}
    where
        recovery.open_count is null
        or today.open_count <> recovery.open_count
        or today.open_amount <> recovery.open_amount

)

select * from differing
