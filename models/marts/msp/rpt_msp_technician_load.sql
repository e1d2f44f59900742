{{ config(materialized='view') }}

with

technician_months as (

    select * from {{ ref('int_msp_technician_months') }}

),

known_technicians as (

    select *
    from technician_months
    where technician_id is not null

),

compared as (

    select
        *,
        sum(task_count) over (partition by billing_month, environment) as known_task_count,
        count(*) over (partition by billing_month, environment) as active_technicians
    from known_technicians

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
