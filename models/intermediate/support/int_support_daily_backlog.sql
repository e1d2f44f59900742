with

settings as (

    select * from {{ ref('int_run_settings') }}

),

cases as (

    select * from {{ ref('int_support_cases') }}

),

numbers as (

    select * from {{ ref('int_numbers') }}

),

seen_cases as (

    select
        cast(cases.created_at as date) as created_on,
        case when cases.resolution_at <= settings.as_of then cast(cases.resolution_at as date) end as resolved_on
    from cases
    cross join settings
    where cases.created_at <= settings.as_of

),

-- A case resolved before its creation was never open: it leaves the backlog on the day it enters it.
movements as (

    select
        created_on as moved_on,
        count(*) as created,
        0 as resolved,
        count(*) as backlog_change
    from seen_cases
    group by created_on

    union all

    select
        resolved_on as moved_on,
        0 as created,
        count(*) as resolved,
        0 as backlog_change
    from seen_cases
    where resolved_on is not null
    group by resolved_on

    union all

    select
        case when resolved_on < created_on then created_on else resolved_on end as moved_on,
        0 as created,
        0 as resolved,
        -1 * count(*) as backlog_change
    from seen_cases
    where resolved_on is not null
    group by case when resolved_on < created_on then created_on else resolved_on end

),

reported_days as (

    select {{ add_days('settings.as_of_date', '-1 * numbers.number') }} as backlog_day
    from settings
    inner join numbers
        on settings.kpi_window_days > numbers.number or settings.backlog_baseline_days >= numbers.number

),

first_days as (

    select min(backlog_day) as first_day
    from reported_days

),

entries as (

    select
        backlog_day as entry_day,
        0 as created,
        0 as resolved,
        0 as backlog_change
    from reported_days

    union all

    select
        movements.moved_on as entry_day,
        movements.created,
        movements.resolved,
        movements.backlog_change
    from movements

),

daily_totals as (

    select
        entry_day,
        sum(created) as created,
        sum(resolved) as resolved,
        sum(backlog_change) as backlog_change
    from entries
    group by entry_day

),

running as (

    select
        entry_day as backlog_day,
        cast(created as integer) as created,
        cast(resolved as integer) as resolved,
        cast(
            sum(backlog_change) over (order by entry_day rows between unbounded preceding and current row) as integer
        ) as open_backlog
    from daily_totals

),

reported as (

    select running.*
    from running
    cross join first_days
    where running.backlog_day >= first_days.first_day

)

select * from reported
