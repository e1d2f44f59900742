{{
    config(
        materialized='incremental',
        unique_key='key_hash',
        indexes=index_on(['key_hash']),
        post_hook="{{ delete_gone_keys() }}"
    )
}}

with

source as (

    select * from {{ source('support', 'support_case_events') }}

),

{{ changed_rows(
    raw_table=source('support', 'support_case_events'),
    columns=['event_id', 'case_id', 'case_status', 'occurred_at']
) }},

cleaned as (

    select
        {{ trimmed('event_id') }} as event_id,
        {{ trimmed('case_id') }} as case_id,
        {{ match_key('case_id') }} as case_key,
        lower({{ trimmed('case_status') }}) as case_status,
        occurred_at,
        row_hash
    from changed

),

{{ latest_version_of_each_key(
    id='event_id',
    key='event_key',
    columns=['case_id', 'case_key', 'case_status', 'occurred_at'],
    tie_breakers=[sort_key('case_key'), sort_key('case_status')],
    newest='occurred_at'
) }},

flagged as (

    select
        *,
        case when case_id is null then 1 else 0 end as is_missing_case_id,
        case when case_status is null then 1 else 0 end as is_missing_case_status,
        case when occurred_at is null then 1 else 0 end as is_missing_occurred_at,
        case when source_row_count > 1 then 1 else 0 end as is_duplicate_key,
        case
            when case_status not in ('new', 'open', 'pending', 'on_hold', 'resolved', 'closed') then 1
            else 0
        end as is_unknown_case_status
    from latest

)

select * from flagged
