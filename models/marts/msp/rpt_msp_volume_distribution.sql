with

costs as (

    select * from {{ ref('rpt_msp_cost_monthly') }}

),

by_member as (

    select
        billing_month,
        'tier' as dimension,
        tier as member,
        task_count,
        activity_points,
        amount_gbp
    from costs

    union all

    select
        billing_month,
        'environment' as dimension,
        environment as member,
        task_count,
        activity_points,
        amount_gbp
    from costs

    union all

    select
        billing_month,
        'category' as dimension,
        category as member,
        task_count,
        activity_points,
        amount_gbp
    from costs

),

summed as (

    select
        billing_month,
        dimension,
        min({{ sort_key('member') }}) as member,
        sum(task_count) as task_count,
        sum(activity_points) as activity_points,
        cast(sum(amount_gbp) as decimal(18, 2)) as amount_gbp
    from by_member
    group by billing_month, dimension, upper(member)

),

shared as (

    select
        *,
        sum(task_count) over (partition by billing_month, dimension) as month_task_count,
        cast(sum(amount_gbp) over (partition by billing_month, dimension) as decimal(18, 2)) as month_amount_gbp,
        rank() over (partition by billing_month, dimension order by task_count desc) as volume_rank
    from summed

),

final as (

    select
        cast(billing_month as date) as billing_month,
        cast(dimension as nvarchar(20)) as dimension,
        cast(member as nvarchar(255)) as member,
        cast(task_count as bigint) as task_count,
        cast(activity_points as decimal(28, 4)) as activity_points,
        amount_gbp,
        {{ ratio('task_count', 'month_task_count') }} as share_of_tasks,
        {{ ratio('amount_gbp', 'month_amount_gbp') }} as share_of_amount,
        cast(volume_rank as integer) as volume_rank
    from shared

)

select * from final
