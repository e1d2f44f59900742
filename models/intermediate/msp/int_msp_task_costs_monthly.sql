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

summed as (

    select
        billing_month,
        environment,
        category,
        tier,
        tier_before,
        month_hash,
        count(*) as task_count,
        cast(sum(activity_points) as decimal(28, 4)) as activity_points,
        cast(sum(amount_gbp) as decimal(18, 2)) as amount_gbp,
        cast(sum(activity_points_before) as decimal(28, 4)) as activity_points_before,
        cast(sum(amount_gbp_before) as decimal(18, 2)) as amount_gbp_before
    from tasks
    group by billing_month, environment, category, tier, tier_before, month_hash

)

select * from summed
