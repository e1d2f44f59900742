with

settings as (

    select * from {{ ref('int_run_settings') }}

),

clocks as (

    select * from {{ ref('int_support_case_clocks') }}

),

case_events as (

    select * from {{ ref('stg_support__support_case_events') }}

),

segments as (

    select * from {{ ref('int_calendar_segments') }}

),

open_buckets as (

    select * from {{ ref('int_calendar_open_buckets') }}

),

running_clocks as (

    select
        clocks.case_key,
        clocks.metric,
        clocks.calendar_key,
        clocks.target_minutes,
        clocks.created_at,
        case
            when clocks.finished_at < clocks.created_at then clocks.created_at
            when clocks.finished_at <= settings.as_of then clocks.finished_at
            else settings.as_of
        end as ended_at
    from clocks
    cross join settings
    where
        clocks.created_at <= settings.as_of
        and (clocks.settled_at is null or clocks.settled_at > settings.as_of)

),

to_measure as (

    select
        case_key,
        metric,
        calendar_key,
        60 * cast(target_minutes as bigint) as target_seconds,
        created_at as started_at,
        ended_at
    from running_clocks
    where calendar_key is not null

),

events as (

    select
        case_events.case_key,
        case_events.event_key,
        case_events.case_status,
        case_events.occurred_at
    from case_events
    cross join settings
    where case_events.occurred_at <= settings.as_of

),

{{ measured_in_calendar() }},

timed as (

    select
        running_clocks.case_key,
        running_clocks.metric,
        cast(
            case
                when running_clocks.calendar_key is not null then measured.elapsed_seconds
                else {{ seconds_between('running_clocks.created_at', 'running_clocks.ended_at') }}
            end
            as bigint
        ) as elapsed_seconds,
        measured.due_at
    from running_clocks
    left join measured
        on running_clocks.case_key = measured.case_key and running_clocks.metric = measured.metric

)

select * from timed
