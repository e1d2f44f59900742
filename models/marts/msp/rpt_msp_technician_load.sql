with

tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

by_technician as (

    select
        billing_month,
        environment,
        min({{ sort_key('technician_id') }}) as technician_id,
        count(*) as task_count,
        cast(sum(activity_points) as decimal(28, 4)) as activity_points,
        cast(sum(amount_gbp) as decimal(18, 2)) as amount_gbp,
        count(distinct cast(completed_at as date)) as active_days
    from tasks
    where technician_id is not null
    group by billing_month, environment, upper(technician_id)

),

compared as (

    select
        *,
        sum(task_count) over (partition by billing_month, environment) as known_task_count,
        count(*) over (partition by billing_month, environment) as active_technicians
    from by_technician

),

final as (

    select
        cast(billing_month as date) as billing_month,
        cast(environment as nvarchar(255)) as environment,
        cast(technician_id as nvarchar(255)) as technician_id,
        cast(task_count as bigint) as task_count,
        activity_points,
        amount_gbp,
        cast(active_days as integer) as active_days,
        {{ ratio('task_count', 'active_days') }} as tasks_per_active_day,
        {{ ratio('task_count * active_technicians', 'known_task_count') }} as load_index
    from compared

)

select * from final
