with

tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

summed as (

    select
        billing_month,
        environment,
        category,
        tier,
        tier_before,
        count(*) as task_count,
        cast(sum(activity_points) as decimal(28, 4)) as activity_points,
        cast(sum(amount_gbp) as decimal(18, 2)) as amount_gbp,
        cast(sum(activity_points_before) as decimal(28, 4)) as activity_points_before,
        cast(sum(amount_gbp_before) as decimal(18, 2)) as amount_gbp_before
    from tasks
    group by billing_month, environment, category, tier, tier_before

)

select * from summed
