{%- set series = [
    ('total', "'all'"),
    ('region', 'movements.region'),
    ('priority', 'movements.priority'),
    ('queue', 'movements.queue'),
] -%}

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
        cases.region,
        cases.priority,
        cases.queue,
        cast(cases.created_at as date) as created_on,
        case when cases.resolution_at <= settings.as_of then cast(cases.resolution_at as date) end as resolved_on
    from cases
    cross join settings
    where cases.created_at <= settings.as_of

),

-- A case resolved before its creation was never open: it leaves the backlog on the day it enters it.
movements as (

    select
        region,
        priority,
        queue,
        created_on as moved_on,
        count(*) as created,
        0 as resolved,
        count(*) as backlog_change
    from seen_cases
    group by region, priority, queue, created_on

    union all

    select
        region,
        priority,
        queue,
        resolved_on as moved_on,
        0 as created,
        count(*) as resolved,
        0 as backlog_change
    from seen_cases
    where resolved_on is not null
    group by region, priority, queue, resolved_on

    union all

    select
        region,
        priority,
        queue,
        case when resolved_on < created_on then created_on else resolved_on end as moved_on,
        0 as created,
        0 as resolved,
        -1 * count(*) as backlog_change
    from seen_cases
    where resolved_on is not null
    group by region, priority, queue, case when resolved_on < created_on then created_on else resolved_on end

),

series_movements as (
    {%- for dimension, dimension_value in series %}
    {%- if not loop.first %}

    union all
    {%- endif %}

    select
        '{{ dimension }}' as dimension,
        {{ dimension_value }} as dimension_value,
        movements.moved_on,
        movements.created,
        movements.resolved,
        movements.backlog_change
    from movements
    {%- endfor %}

),

all_series as (

    select
        dimension,
        dimension_value
    from series_movements

    union

    select
        'total' as dimension,
        'all' as dimension_value

),

reported_days as (

    select {{ add_days('settings.as_of_date', '-1 * numbers.number') }} as backlog_day
    from settings
    inner join numbers
        on
            settings.kpi_window_days > numbers.number
            or settings.backlog_baseline_days >= numbers.number
            or settings.backlog_history_days + 7 * settings.anomaly_baseline_weeks > numbers.number

),

first_days as (

    select min(backlog_day) as first_day
    from reported_days

),

-- What moved before the days reported is one entry.
entries as (

    select
        all_series.dimension,
        all_series.dimension_value,
        reported_days.backlog_day as entry_day,
        0 as created,
        0 as resolved,
        0 as backlog_change
    from all_series
    cross join reported_days

    union all

    select
        series_movements.dimension,
        series_movements.dimension_value,
        case
            when series_movements.moved_on < first_days.first_day then {{ add_days('first_days.first_day', -1) }}
            else series_movements.moved_on
        end as entry_day,
        series_movements.created,
        series_movements.resolved,
        series_movements.backlog_change
    from series_movements
    cross join first_days

),

daily_totals as (

    select
        dimension,
        dimension_value,
        entry_day,
        sum(created) as created,
        sum(resolved) as resolved,
        sum(backlog_change) as backlog_change
    from entries
    group by dimension, dimension_value, entry_day

),

running as (

    select
        cast(dimension as nvarchar(20)) as dimension,
        cast(dimension_value as nvarchar(255)) as dimension_value,
        entry_day as backlog_day,
        cast(created as integer) as created,
        cast(resolved as integer) as resolved,
        cast(
            sum(backlog_change) over (
                partition by dimension, dimension_value
                order by entry_day rows between unbounded preceding and current row
            ) as integer
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
