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

-- Few, and so summed by themselves: looking ten million tasks up among them would cost more than all the rest.
overrides_hashed as (

    select
        billing_month,
        {{ row_hash(['task_key', 'override_id', 'tier', 'rate_gbp_per_point', 'activity_points', 'amount_gbp']) }}
            as override_hash
    from overrides

),

overrides_summed as (

    select
        billing_month,
        count(*) as override_count,
        {{ sum_of_fingerprints('override_hash') }} as overrides_hash
    from overrides_hashed
    group by billing_month

),

tasks_summed as (

    select
        tasks.billing_month,
        min(tasks.completed_at) as first_completed_at,
        count(*) as task_count,
        {{ sum_of_fingerprints('tasks.value_hash') }} as values_hash
    from tasks
    cross join settings
    where
        tasks.is_completed = 1
        and tasks.completed_at <= settings.as_of
    group by tasks.billing_month

),

summed as (

    select
        tasks_summed.*,
        overrides_summed.override_count,
        overrides_summed.overrides_hash
    from tasks_summed
    left join overrides_summed on tasks_summed.billing_month = overrides_summed.billing_month

),

hashed as (

    select
        billing_month,
        first_completed_at,
        {{ row_hash(['task_count', 'values_hash', 'override_count', 'overrides_hash']) }} as month_hash
    from summed

)

select * from hashed
