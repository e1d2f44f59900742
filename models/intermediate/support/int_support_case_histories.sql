{{
    config(
        materialized='incremental',
        unique_key='case_key',
        indexes=index_on(['case_key']),
        post_hook="{{ delete_keys_gone_from(ref('stg_support__support_cases'), 'case_key') }}"
    )
}}

{%- set done = "('resolved', 'closed')" -%}

with

cases as (

    select * from {{ ref('int_support_cases') }}

),

case_events as (

    select * from {{ ref('stg_support__support_case_events') }}

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

logged_cases as (

    select
        cases.case_key,
        cases.case_id,
        cases.case_status,
        cases.created_at,
        cases.resolution_at,
        cases.reopened_count,
        cases.is_missing_key,
        cases.is_created_outside_calendar,
        coalesce(event_prints.event_count, 0) as event_count,
        {{ row_hash(['cases.source_hash', 'event_prints.event_count', 'event_prints.events_hash']) }} as history_hash
    from cases
    left join event_prints on cases.case_key = event_prints.case_key

),

changed_cases as (

    {{ only_changed('logged_cases', 'case_key', 'history_hash') }}

),

usable_events as (

    select
        changed_cases.case_key,
        changed_cases.resolution_at,
        case_events.event_key,
        case_events.case_status,
        case_events.occurred_at
    from changed_cases
    inner join case_events on changed_cases.case_key = case_events.case_key
    where
        case_events.is_unknown_case_status = 0
        and case_events.case_status is not null
        and case_events.occurred_at is not null
        and (changed_cases.created_at is null or case_events.occurred_at >= changed_cases.created_at)

),

in_order as (

    select
        *,
        lag(case_status) over (
            partition by case_key order by occurred_at, {{ sort_key('event_key') }}
        ) as status_before,
        lead(case_status) over (
            partition by case_key order by occurred_at, {{ sort_key('event_key') }}
        ) as status_after,
        max(case when case_status = 'new' then 0 else 1 end) over (
            partition by case_key order by occurred_at, {{ sort_key('event_key') }}
            rows between unbounded preceding and 1 preceding
        ) as has_left_new
    from usable_events

),

histories as (

    select
        case_key,
        max(case when status_after is null then case_status end) as last_status,
        min(case when status_before in {{ done }} and case_status not in {{ done }} then occurred_at end)
            as first_reopened_at,
        max(case when case_status in {{ done }} and occurred_at = resolution_at then 1 else 0 end)
            as has_resolution_event,
        max(case when case_status = status_before then 1 else 0 end) as is_events_repeat_a_status,
        max(
            case
                when case_status = 'new' and has_left_new = 1 then 1
                when case_status = 'resolved' and status_before = 'closed' then 1
                else 0
            end
        ) as is_events_out_of_order
    from in_order
    group by case_key

),

compared as (

    select
        changed_cases.case_key,
        changed_cases.case_id,
        changed_cases.event_count,
        histories.last_status,
        histories.first_reopened_at,
        changed_cases.is_created_outside_calendar,
        case
            when changed_cases.event_count = 0 and changed_cases.is_missing_key = 0 then 1 else 0
        end as is_missing_events,
        coalesce(histories.is_events_out_of_order, 0) as is_events_out_of_order,
        coalesce(histories.is_events_repeat_a_status, 0) as is_events_repeat_a_status,
        case
            when
                changed_cases.case_status in ('new', 'open', 'pending', 'on_hold', 'resolved', 'closed')
                and changed_cases.case_status <> histories.last_status
                then 1
            else 0
        end as is_status_contradicts_events,
        case
            when
                histories.has_resolution_event = 0
                and (
                    changed_cases.resolution_at >= changed_cases.created_at
                    or (changed_cases.resolution_at is not null and changed_cases.created_at is null)
                )
                then 1
            else 0
        end as is_resolution_without_event,
        case
            when
                changed_cases.reopened_count > 0
                and histories.case_key is not null
                and histories.first_reopened_at is null
                then 1
            when changed_cases.reopened_count <= 0 and histories.first_reopened_at is not null then 1
            else 0
        end as is_reopened_count_contradicts_events,
        changed_cases.history_hash
    from changed_cases
    left join histories on changed_cases.case_key = histories.case_key

)

select * from compared
