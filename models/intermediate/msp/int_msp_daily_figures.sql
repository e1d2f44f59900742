with

moments as (

    select * from {{ ref('int_compared_moments') }}

),

tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

months as (

    select * from {{ ref('int_msp_months') }}

),

first_tasks as (

    select min(first_completed_at) as first_completed_at
    from months

),

-- By month too: a day of a moment says to no engine which tasks need not be read.
moments_in_months as (

    select
        *,
        {{ month_start('moment_on') }} as moment_month
    from moments

),

tasks_by_moment as (

    select
        moments_in_months.days_back,
        count(*) as msp_tasks_completed,
        sum(tasks.activity_points) as msp_activity_points,
        sum(tasks.amount_gbp) as msp_amount_gbp
    from tasks
    inner join moments_in_months
        on
            tasks.billing_month = moments_in_months.moment_month
            and cast(tasks.completed_at as date) = moments_in_months.moment_on
            and tasks.completed_at <= moments_in_months.moment_at
    group by moments_in_months.days_back

),

figures_at_moments as (

    select
        moments.days_back,
        coalesce(tasks_by_moment.msp_tasks_completed, 0) as msp_tasks_completed,
        coalesce(tasks_by_moment.msp_activity_points, 0) as msp_activity_points,
        coalesce(tasks_by_moment.msp_amount_gbp, 0) as msp_amount_gbp
    from moments
    inner join first_tasks on moments.days_back = 0 or moments.moment_at >= first_tasks.first_completed_at
    left join tasks_by_moment on moments.days_back = tasks_by_moment.days_back

),

compared as (

    select
        {{- compared_figures({'msp_tasks_completed': 1, 'msp_activity_points': 4, 'msp_amount_gbp': 2}) }}
    from figures_at_moments

)

select * from compared
