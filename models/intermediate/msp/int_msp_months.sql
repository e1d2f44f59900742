with

tasks as (

    select * from {{ ref('int_msp_service_tasks_valued') }}

),

overrides as (

    select * from {{ ref('int_msp_task_overrides') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

hashed_overrides as (

    select
        task_key,
        {{ row_hash(['override_id', 'tier', 'rate_gbp_per_point', 'activity_points', 'amount_gbp']) }} as override_hash
    from overrides

),

-- Summed as they are: a number of each row made of all of them would cost more than what it saves.
summed as (

    select
        tasks.billing_month,
        count(*) as task_count,
        sum(cast(tasks.task_hash as decimal(38, 0))) as tasks_hash,
        sum(cast(tasks.ticket_hash as decimal(38, 0))) as tickets_hash,
        sum(cast(tasks.asset_hash as decimal(38, 0))) as assets_hash,
        sum(cast(tasks.rules_hash as decimal(38, 0))) as rules_hash,
        sum(cast(hashed_overrides.override_hash as decimal(38, 0))) as overrides_hash
    from tasks
    cross join settings
    left join hashed_overrides on tasks.task_key = hashed_overrides.task_key
    where
        tasks.is_completed = 1
        and tasks.completed_at <= settings.as_of
    group by tasks.billing_month

),

hashed as (

    select
        billing_month,
        {{ row_hash(['task_count', 'tasks_hash', 'tickets_hash', 'assets_hash', 'rules_hash', 'overrides_hash']) }}
            as month_hash
    from summed

)

select * from hashed
