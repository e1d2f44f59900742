with

tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

by_month as (

    select
        billing_month,
        environment,
        count(*) as task_count,
        cast(sum(activity_points) as decimal(28, 4)) as activity_points,
        count(distinct upper(technician_id)) as active_technicians
    from tasks
    group by billing_month, environment

),

by_day as (

    select
        billing_month,
        environment,
        cast(completed_at as date) as completed_on,
        count(*) as task_count
    from tasks
    group by billing_month, environment, cast(completed_at as date)

),

by_hour as (

    select
        billing_month,
        environment,
        {{ hour_of_day('completed_at') }} as hour_of_day,
        count(*) as task_count
    from tasks
    group by billing_month, environment, {{ hour_of_day('completed_at') }}

),

busiest_hour_first as (

    select
        *,
        row_number() over (
            partition by billing_month, environment order by task_count desc, hour_of_day asc
        ) as hour_rank
    from by_hour

),

busiest_first as (

    select
        *,
        row_number() over (
            partition by billing_month, environment order by task_count desc, completed_on asc
        ) as day_rank
    from by_day

),

final as (

    select
        cast(by_month.billing_month as date) as billing_month,
        cast(by_month.environment as nvarchar(255)) as environment,
        cast(by_month.task_count as bigint) as task_count,
        cast(by_month.active_technicians as bigint) as active_technicians,
        {{ ratio('by_month.task_count', 'by_month.active_technicians') }} as tasks_per_technician,
        cast(busiest_first.completed_on as date) as peak_day,
        cast(busiest_first.task_count as bigint) as peak_day_tasks,
        cast(busiest_hour_first.hour_of_day as integer) as peak_hour,
        cast(busiest_hour_first.task_count as bigint) as peak_hour_tasks,
        by_month.activity_points,
        {{ ratio('by_month.activity_points', 'by_month.active_technicians') }} as points_per_technician
    from by_month
    inner join busiest_first
        on
            by_month.billing_month = busiest_first.billing_month
            and by_month.environment = busiest_first.environment
            and busiest_first.day_rank = 1
    inner join busiest_hour_first
        on
            by_month.billing_month = busiest_hour_first.billing_month
            and by_month.environment = busiest_hour_first.environment
            and busiest_hour_first.hour_rank = 1

)

select * from final
