-- A failure means that the monthly cost shows another total than the tasks and adjustments behind it, with overrides
-- or before them, so finance would accrue a wrong amount. Rebuild int_msp_task_costs_monthly and what follows it; all
-- of it belongs to one run. The tasks are read once, for the tests that lean on this one too.
with

tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

task_costs as (

    select * from {{ ref('int_msp_task_costs_monthly') }}

),

adjustments as (

    select * from {{ ref('int_msp_adjustments') }}

),

costs as (

    select * from {{ ref('rpt_msp_cost_monthly') }}

),

tasks_summed as (

    select
        billing_month,
        environment,
        count(*) as task_count,
        sum(amount_gbp) as amount_gbp,
        sum(amount_gbp_before) as amount_gbp_before
    from tasks
    group by billing_month, environment

),

parts as (

    select
        billing_month,
        environment,
        task_count,
        amount_gbp,
        amount_gbp_before
    from tasks_summed

    union all

    select
        billing_month,
        environment,
        0 as task_count,
        amount_gbp,
        0 as amount_gbp_before
    from adjustments

    union all

    select
        billing_month,
        environment,
        -task_count as task_count,
        -amount_gbp as amount_gbp,
        0 as amount_gbp_before
    from costs

    union all

    select
        billing_month,
        environment,
        0 as task_count,
        0 as amount_gbp,
        -amount_gbp_before as amount_gbp_before
    from task_costs

),

differing as (

    select
        billing_month,
        upper(environment) as environment_key,
        sum(task_count) as task_count,
        sum(amount_gbp) as amount_gbp,
        sum(amount_gbp_before) as amount_gbp_before
    from parts
    group by billing_month, upper(environment)
    having sum(task_count) <> 0 or sum(amount_gbp) <> 0 or sum(amount_gbp_before) <> 0

)

select * from differing
