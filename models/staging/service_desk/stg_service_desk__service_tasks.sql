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

    select * from {{ source('service_desk', 'service_tasks') }}

),

{{ changed_rows(
    raw_table=source('service_desk', 'service_tasks'),
    columns=[
        'task_id', 'ticket_id', 'asset_tag', 'software_request_id', 'task_description', 'completion_method',
        'technician_id', 'quantity', 'task_status', 'started_at', 'completed_at', 'updated_at'
    ]
) }},

cleaned as (

    select
        {{ trimmed('task_id') }} as task_id,
        {{ trimmed('ticket_id') }} as ticket_id,
        {{ match_key('ticket_id') }} as ticket_key,
        {{ trimmed('asset_tag') }} as asset_tag,
        {{ match_key('asset_tag') }} as asset_key,
        {{ trimmed('software_request_id') }} as software_request_id,
        {{ match_key('software_request_id') }} as software_request_key,
        {{ trimmed('task_description') }} as task_description,
        {{ trimmed('completion_method') }} as completion_method,
        {{ trimmed('technician_id') }} as technician_id,
        quantity,
        lower({{ trimmed('task_status') }}) as task_status,
        started_at,
        completed_at,
        updated_at,
        row_hash
    from changed

),

{{ latest_version_of_each_key(
    id='task_id',
    key='task_key',
    columns=[
        'ticket_id', 'ticket_key', 'asset_tag', 'asset_key', 'software_request_id', 'software_request_key',
        'task_description', 'completion_method', 'technician_id', 'quantity', 'task_status',
        'started_at', 'completed_at', 'updated_at'
    ],
    tie_breakers=[
        'completed_at', 'started_at', 'quantity', sort_key('task_status'), sort_key('completion_method'),
        sort_key('ticket_id'), sort_key('asset_tag'), sort_key('software_request_id'), sort_key('technician_id'),
        sort_key('task_description'), sort_key('task_id')
    ]
) }},

flagged as (

    select
        *,
        case when ticket_id is null then 1 else 0 end as is_missing_ticket_id,
        case when task_status is null then 1 else 0 end as is_missing_task_status,
        case when task_status = 'completed' and completion_method is null then 1 else 0 end
            as is_missing_completion_method,
        case when task_status = 'completed' and completed_at is null then 1 else 0 end as is_missing_completed_at,
        case when task_status not in ('open', 'completed', 'cancelled') then 1 else 0 end as is_unknown_task_status,
        case when quantity <= 0 then 1 else 0 end as is_non_positive_quantity,
        case when completed_at < started_at then 1 else 0 end as is_completed_before_started,
        case when updated_at < completed_at then 1 else 0 end as is_updated_before_completed
    from latest

)

select * from flagged
