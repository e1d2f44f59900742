-- A failure means that the audit mart does not account for what overrides did to the cost: an approver would see
-- another effect than the one that was charged. Compare rpt_msp_override_audit with int_msp_task_overrides for the
-- month below.
with

tasks as (

    select * from {{ ref('fct_service_tasks') }}

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
    from tasks

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
