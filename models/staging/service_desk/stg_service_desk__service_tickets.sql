{{
    config(
        materialized='incremental',
        unique_key='key_hash',
        indexes=index_on(['key_hash']),
        post_hook=["{{ keep_removed_keys('ticket_key') }}", "{{ delete_gone_keys() }}"]
    )
}}

with

source as (

    select * from {{ source('service_desk', 'service_tickets') }}

),

{{ changed_rows(
    raw_table=source('service_desk', 'service_tickets'),
    columns=[
        'ticket_id', 'ticket_type', 'short_description', 'site_code', 'cost_centre', 'requester_id', 'priority',
        'opened_at', 'closed_at', 'updated_at'
    ]
) }},

cleaned as (

    select
        {{ trimmed('ticket_id') }} as ticket_id,
        lower({{ trimmed('ticket_type') }}) as ticket_type,
        {{ trimmed('short_description') }} as short_description,
        {{ trimmed('site_code') }} as site_code,
        {{ trimmed('cost_centre') }} as cost_centre,
        {{ trimmed('requester_id') }} as requester_id,
        {{ match_key('priority') }} as priority,
        opened_at,
        closed_at,
        updated_at,
        row_hash
    from changed

),

{{ latest_version_of_each_key(
    id='ticket_id',
    key='ticket_key',
    columns=[
        'ticket_type', 'short_description', 'site_code', 'cost_centre', 'requester_id', 'priority', 'opened_at',
        'closed_at', 'updated_at'
    ],
    tie_breakers=[
        'closed_at', 'opened_at', sort_key('ticket_type'), sort_key('cost_centre'), sort_key('site_code'),
        sort_key('short_description'), sort_key('priority'), sort_key('requester_id'), sort_key('ticket_id')
    ],
    read_columns=['short_description', 'site_code', 'cost_centre']
) }},

flagged as (

    select
        *,
        case when ticket_type is null then 1 else 0 end as is_missing_ticket_type,
        case when opened_at is null then 1 else 0 end as is_missing_opened_at,
        case when ticket_type not in ('incident', 'service_request', 'change') then 1 else 0 end
            as is_unknown_ticket_type,
        case when closed_at < opened_at then 1 else 0 end as is_closed_before_opened,
        case when updated_at < opened_at then 1 else 0 end as is_updated_before_opened
    from latest

)

select * from flagged
