-- A step here has other rows or other money than the step before leads to: deals or ledger entries got lost, or were
-- counted twice, between the source and the reconciliation of that period. Do not close the month. Compare the tables
-- that the step and the one before it name, for the deals or entries of the period.
with

control_totals as (

    select * from {{ ref('rpt_revenue_control_totals') }}

),

differing as (

    select
        chain,
        period,
        step_number,
        step,
        row_difference,
        amount_difference
    from control_totals
    where row_difference <> 0 or amount_difference <> 0

)

select * from differing
