{{ config(materialized='view') }}

with

case_events as (

    select * from {{ ref('stg_support__support_case_events') }}

),

cases as (

    select * from {{ ref('stg_support__support_cases') }}

),

flagged as (

    select
        case_events.event_key,
        case_events.event_id,
        case_events.case_id,
        case_events.case_key,
        case_events.case_status,
        case_events.occurred_at,
        case_events.source_row_count,
        case_events.source_hash,
        case_events.is_missing_key,
        case_events.is_missing_case_id,
        case_events.is_missing_case_status,
        case_events.is_missing_occurred_at,
        case_events.is_duplicate_key,
        case_events.is_unknown_case_status,
        case when case_events.case_key is not null and cases.case_key is null then 1 else 0 end as is_orphan_case,
        case when case_events.occurred_at < cases.created_at then 1 else 0 end as is_event_before_creation
    from case_events
    left join cases on case_events.case_key = cases.case_key

)

select * from flagged
