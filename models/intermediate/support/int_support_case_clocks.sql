{{
    config(
        materialized='incremental',
        unique_key=['case_key', 'metric'],
        indexes=index_on(['case_key']),
        post_hook="{{ delete_keys_gone_from(ref('stg_support__support_cases'), 'case_key', rows_of_a_key=2) }}"
    )
}}

with

cases as (

    select * from {{ ref('int_support_cases') }}

),

case_events as (

    select * from {{ ref('stg_support__support_case_events') }}

),

choices as (

    select * from {{ ref('int_support_target_choices') }}

),

calendars as (

    select * from {{ ref('int_business_calendars') }}

),

segments as (

    select * from {{ ref('int_calendar_segments') }}

),

open_buckets as (

    select * from {{ ref('int_calendar_open_buckets') }}

),

metrics as (

    select 'first_response' as metric
    union all
    select 'resolution' as metric

),

event_prints as (

    select
        case_key,
        count(*) as event_count,
        sum(source_hash % 1099511627776) as events_hash
    from case_events
    where case_key is not null
    group by case_key

),

clocks as (

    select
        cases.case_key,
        metrics.metric,
        cases.created_at,
        case
            when metrics.metric = 'resolution' then cases.resolution_at
            else cases.first_response_at
        end as finished_at,
        cases.is_outside_calendar,
        choices.calendar_key,
        choices.calendar_id,
        choices.target_minutes,
        {{ row_hash([
            'metrics.metric', 'cases.source_hash', 'event_prints.event_count', 'event_prints.events_hash',
            'choices.calendar_id', 'choices.target_minutes', 'calendars.definition_hash'
        ]) }} as clock_hash
    from cases
    cross join metrics
    left join event_prints on cases.case_key = event_prints.case_key
    left join choices
        on
            coalesce(cases.priority_key, '(none)') = choices.priority_key
            and coalesce(cases.customer_tier, '(none)') = choices.customer_tier_key
            and cast(cases.created_at as date) = choices.created_on
            and metrics.metric = choices.metric
    left join calendars on choices.calendar_key = calendars.calendar_key

),

changed_clocks as (

    {{ only_changed('clocks', 'case_key', 'clock_hash') }}

),

finished_clocks as (

    select
        *,
        case when finished_at < created_at then created_at else finished_at end as ended_at
    from changed_clocks
    where
        created_at is not null
        and (finished_at < created_at or {{ within_calendar_bounds('finished_at') }})

),

to_measure as (

    select
        case_key,
        metric,
        calendar_key,
        60 * cast(target_minutes as bigint) as target_seconds,
        created_at as started_at,
        ended_at
    from finished_clocks
    where calendar_key is not null

),

events as (

    select
        case_key,
        event_key,
        case_status,
        occurred_at
    from case_events
    where occurred_at is not null

),

{{ measured_in_calendar() }},

timed as (

    select
        changed_clocks.case_key,
        changed_clocks.metric,
        changed_clocks.created_at,
        changed_clocks.finished_at,
        changed_clocks.is_outside_calendar,
        changed_clocks.calendar_key,
        changed_clocks.calendar_id,
        changed_clocks.target_minutes,
        cast(
            case
                when changed_clocks.calendar_key is not null then measured.elapsed_seconds
                else {{ seconds_between('finished_clocks.created_at', 'finished_clocks.ended_at') }}
            end
            as bigint
        ) as finished_elapsed_seconds,
        measured.due_at as finished_due_at,
        case
            when changed_clocks.calendar_key is null then finished_clocks.finished_at
            when measured.settled_at > finished_clocks.ended_at then measured.settled_at
            else finished_clocks.finished_at
        end as settled_at,
        changed_clocks.clock_hash
    from changed_clocks
    left join finished_clocks
        on changed_clocks.case_key = finished_clocks.case_key and changed_clocks.metric = finished_clocks.metric
    left join measured
        on changed_clocks.case_key = measured.case_key and changed_clocks.metric = measured.metric

)

select * from timed
