with

tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

by_month as (

    select
        billing_month,
        environment,
        count(*) as task_count,
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
        cast(busiest_first.task_count as bigint) as peak_day_tasks
    from by_month
    inner join busiest_first
        on
            by_month.billing_month = busiest_first.billing_month
            and by_month.environment = busiest_first.environment
            and busiest_first.day_rank = 1

)

select * from final
