-- A failure means that the audit mart does not account for what overrides did to the cost: an approver would see
-- another effect than the one that was charged. Compare rpt_msp_override_audit with int_msp_task_overrides for the
-- month below. What tasks are worth before overrides is read by month, which
-- assert_monthly_cost_is_the_sum_of_tasks_and_adjustments holds to the tasks themselves.
with

task_costs as (

    select * from {{ ref('int_msp_task_costs_monthly') }}

),

costs as (

    select * from {{ ref('rpt_msp_cost_monthly') }}

),

overrides as (

    select * from {{ ref('rpt_msp_override_audit') }}

),

parts as (

    select
        billing_month,
        amount_gbp
    from costs

    union all

    select
        billing_month,
        -amount_gbp_before as amount_gbp
    from task_costs

    union all

    select
        effect_month as billing_month,
        -effect_gbp as amount_gbp
    from overrides
    where effect_month is not null

),

unexplained as (

    select
        billing_month,
        sum(amount_gbp) as amount_gbp
    from parts
    group by billing_month
    having sum(amount_gbp) <> 0

)

select * from unexplained
