with

task_costs as (

    select * from {{ ref('int_msp_task_costs_monthly') }}

),

adjustments as (

    select * from {{ ref('int_msp_adjustments') }}

),

costs as (

    select
        billing_month,
        environment,
        category,
        tier,
        task_count,
        activity_points,
        amount_gbp
    from task_costs

    union all

    select
        billing_month,
        environment,
        'Adjustment' as category,
        tier,
        0 as task_count,
        0 as activity_points,
        amount_gbp
    from adjustments

),

final as (

    select
        cast(billing_month as date) as billing_month,
        cast(min(environment) as nvarchar(255)) as environment,
        cast(min(category) as nvarchar(255)) as category,
        cast(min(tier) as nvarchar(255)) as tier,
        cast(sum(task_count) as bigint) as task_count,
        cast(sum(activity_points) as decimal(28, 4)) as activity_points,
        cast(sum(amount_gbp) as decimal(18, 2)) as amount_gbp
    from costs
    group by billing_month, upper(environment), upper(category), upper(tier)

)

select * from final
