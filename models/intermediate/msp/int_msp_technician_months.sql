{{
    config(
        materialized='incremental',
        unique_key='billing_month',
        incremental_strategy='delete+insert',
        post_hook="{{ delete_keys_gone_from(ref('int_msp_months'), 'billing_month') }}"
    )
}}

with

{{ tasks_of_changed_months() }},

by_technician as (

    select
        billing_month,
        environment,
        month_hash,
        min({{ sort_key('technician_id') }}) as technician_id,
        count(*) as task_count,
        cast(sum(activity_points) as decimal(28, 4)) as activity_points,
        cast(sum(amount_gbp) as decimal(18, 2)) as amount_gbp,
        count(distinct cast(completed_at as date)) as active_days
    from tasks
    group by billing_month, environment, month_hash, upper(technician_id)

)

select * from by_technician
