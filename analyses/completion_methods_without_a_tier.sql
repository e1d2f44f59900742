-- Completion methods that completion_method_tiers does not know: their tasks are worth nothing until it does.
with

tasks_valued as (

    select * from {{ ref('int_msp_service_tasks_valued') }}

),

tasks_joined as (

    select * from {{ ref('int_msp_service_tasks_joined') }}

),

unknown_methods as (

    select
        upper(tasks_joined.completion_method) as completion_method,
        count(*) as task_count,
        min(tasks_valued.completed_at) as first_completed_at,
        max(tasks_valued.completed_at) as last_completed_at
    from tasks_valued
    inner join tasks_joined on tasks_valued.task_key = tasks_joined.task_key
    where tasks_valued.is_unknown_completion_method = 1
    group by upper(tasks_joined.completion_method)

)

select * from unknown_methods
