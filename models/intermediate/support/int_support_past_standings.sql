with

settings as (

    select * from {{ ref('int_run_settings') }}

),

moments as (

    select * from {{ ref('int_compared_moments') }}

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

-- One case may have been open at several of the moments: its clock is then measured at each.
open_clocks as (

    select
        moments.days_back,
        moments.moment_at,
        clocks.case_key as watched_case_key,
        concat(cast(moments.days_back as nvarchar(10)), ':', clocks.case_key) as case_key,
        clocks.metric,
        clocks.calendar_key,
        60 * cast(clocks.target_minutes as bigint) as target_seconds,
        clocks.created_at as started_at,
        moments.moment_at as ended_at
    from clocks
    inner join moments
        on
            moments.days_back > 0
            and clocks.created_at <= moments.moment_at
            and (clocks.finished_at is null or clocks.finished_at > moments.moment_at)
    where clocks.calendar_key is not null

),

to_measure as (

    select
        case_key,
        metric,
        calendar_key,
        target_seconds,
        started_at,
        ended_at
    from open_clocks

),

events as (

    select
        open_clocks.case_key,
        case_events.event_key,
        case_events.case_status,
        case_events.occurred_at
    from open_clocks
    inner join case_events
        on
            open_clocks.watched_case_key = case_events.case_key
            and open_clocks.moment_at >= case_events.occurred_at
    where open_clocks.metric = 'resolution'

),

{{ measured_in_calendar() }},

standings as (

    select
        open_clocks.days_back,
        sum(
            case
                when
                    measured.elapsed_seconds >= settings.sla_risk_threshold * open_clocks.target_seconds
                    and measured.elapsed_seconds <= open_clocks.target_seconds
                    then 1
                else 0
            end
        ) as at_risk_count,
        sum(case when measured.elapsed_seconds > open_clocks.target_seconds then 1 else 0 end) as open_breached_count
    from open_clocks
    cross join settings
    inner join measured on open_clocks.case_key = measured.case_key and open_clocks.metric = measured.metric
    group by open_clocks.days_back

)

select * from standings
