{{ config(materialized='view') }}

with

months as (

    select * from {{ ref('int_msp_utilization_months') }}

),

final as (

    select
        cast(billing_month as date) as billing_month,
        cast(environment as nvarchar(255)) as environment,
        cast(task_count as bigint) as task_count,
        cast(active_technicians as bigint) as active_technicians,
        {{ ratio('task_count', 'active_technicians') }} as tasks_per_technician,
        cast(peak_day as date) as peak_day,
        cast(peak_day_tasks as bigint) as peak_day_tasks,
        cast(peak_hour as integer) as peak_hour,
        cast(peak_hour_tasks as bigint) as peak_hour_tasks,
        activity_points,
        {{ ratio('activity_points', 'active_technicians') }} as points_per_technician
    from months

)

select * from final
