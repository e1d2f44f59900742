with

moments as (

    select * from {{ ref('int_compared_moments') }}

),

tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

first_tasks as (

    select min(completed_at) as first_completed_at
    from tasks

),

figures_at_moments as (

    select
        moments.days_back,
        count(tasks.task_id) as msp_tasks_completed,
        coalesce(sum(tasks.activity_points), 0) as msp_activity_points,
        coalesce(sum(tasks.amount_gbp), 0) as msp_amount_gbp
    from moments
    inner join first_tasks on moments.days_back = 0 or moments.moment_at >= first_tasks.first_completed_at
    left join tasks
        on
            moments.moment_on = cast(tasks.completed_at as date)
            and moments.moment_at >= tasks.completed_at
    group by moments.days_back

),

compared as (

    select
        {{- compared_figures({'msp_tasks_completed': 1, 'msp_activity_points': 4, 'msp_amount_gbp': 2}) }}
    from figures_at_moments

)

select * from compared
