-- A failure means that the monthly cost shows another total than the tasks and adjustments behind it, so finance
-- would accrue a wrong amount. Rebuild int_msp_task_costs_monthly and what follows it; all of it belongs to one
-- run.
with

tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

adjustments as (

    select * from {{ ref('int_msp_adjustments') }}

),

costs as (

    select * from {{ ref('rpt_msp_cost_monthly') }}

),

parts as (

    select
        billing_month,
        environment,
        1 as task_count,
        amount_gbp
    from tasks

    union all

    select
        billing_month,
        environment,
        0 as task_count,
        amount_gbp
    from adjustments

    union all

    select
        billing_month,
        environment,
        -task_count as task_count,
        -amount_gbp as amount_gbp
    from costs

),

differing as (

    select
        billing_month,
        upper(environment) as environment_key,
        sum(task_count) as task_count,
        sum(amount_gbp) as amount_gbp
    from parts
    group by billing_month, upper(environment)
    having sum(task_count) <> 0 or sum(amount_gbp) <> 0

)

select * from differing
