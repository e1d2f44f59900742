-- A failure means that tasks were lost between the service desk and the cost marts, so that the provider would be
-- underpaid. Every task is either valued, not completed, completed at no known moment (flagged
-- missing_completed_at) or completed after as_of. Compare the counts below, then look for the missing keys in
-- int_msp_service_tasks_valued. Valued tasks are counted as the monthly cost counts them, which
-- assert_monthly_cost_is_the_sum_of_tasks_and_adjustments holds to the tasks themselves. That each is there once, the
-- sum of their fingerprints tells, which is that of staging: finding no key twice among millions costs far more.
with

tasks as (

    select * from {{ ref('stg_service_desk__service_tasks') }}

),

costs as (

    select * from {{ ref('rpt_msp_cost_monthly') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

task_counts as (

    select
        count(*) as staged_tasks,
        {{ sum_of_fingerprints('tasks.source_hash') }} as staged_hashes,
        sum(case when tasks.task_status = 'completed' then 0 else 1 end) as not_completed,
        sum(tasks.is_missing_completed_at) as without_moment,
        sum(case when tasks.task_status = 'completed' and tasks.completed_at > settings.as_of then 1 else 0 end)
            as after_as_of
    from tasks
    cross join settings

),

cost_counts as (

    select coalesce(sum(task_count), 0) as valued_tasks
    from costs

),

valued_counts as (

    select
        count(*) as looked_at_tasks,
        {{ sum_of_fingerprints('task_hash') }} as looked_at_hashes
    from {{ ref('int_msp_service_tasks_valued') }}

),

lost as (

    select
        task_counts.*,
        cost_counts.valued_tasks,
        valued_counts.looked_at_tasks
    from task_counts
    cross join cost_counts
    cross join valued_counts
    where
        task_counts.staged_tasks
        <> cost_counts.valued_tasks + task_counts.not_completed + task_counts.without_moment + task_counts.after_as_of
        or task_counts.staged_tasks <> valued_counts.looked_at_tasks
        or task_counts.staged_hashes <> valued_counts.looked_at_hashes

)

select * from lost
