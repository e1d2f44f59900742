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

by_month as (

    select
        billing_month,
        environment,
        month_hash,
        count(*) as task_count,
        cast(sum(activity_points) as decimal(28, 4)) as activity_points,
        count(distinct upper(technician_id)) as active_technicians
    from tasks
    group by billing_month, environment, month_hash

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

utilized as (

    select
        by_month.billing_month,
        by_month.environment,
        by_month.month_hash,
        by_month.task_count,
        by_month.active_technicians,
        by_month.activity_points,
        busiest_first.completed_on as peak_day,
        busiest_first.task_count as peak_day_tasks,
        busiest_hour_first.hour_of_day as peak_hour,
        busiest_hour_first.task_count as peak_hour_tasks
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

select * from utilized
