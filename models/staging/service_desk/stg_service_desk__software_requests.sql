{{
    config(
        materialized='incremental',
        unique_key='key_hash',
        indexes=index_on(['key_hash']),
        post_hook=["{{ keep_removed_keys('software_request_key') }}", "{{ delete_gone_keys() }}"]
    )
}}

with

source as (

    select * from {{ source('service_desk', 'software_requests') }}

),

{{ changed_rows(
    raw_table=source('service_desk', 'software_requests'),
    columns=['software_request_id', 'ticket_id', 'product', 'licence_type', 'requested_at', 'updated_at']
) }},

cleaned as (

    select
        {{ trimmed('software_request_id') }} as software_request_id,
        {{ trimmed('ticket_id') }} as ticket_id,
        {{ match_key('ticket_id') }} as ticket_key,
        {{ trimmed('product') }} as product,
        {{ trimmed('licence_type') }} as licence_type,
        requested_at,
        updated_at,
        row_hash
    from changed

),

{{ latest_version_of_each_key(
    id='software_request_id',
    key='software_request_key',
    columns=['ticket_id', 'ticket_key', 'product', 'licence_type', 'requested_at', 'updated_at'],
    tie_breakers=[
        'requested_at', sort_key('ticket_id'), sort_key('product'), sort_key('licence_type'),
        sort_key('software_request_id')
    ],
    read_columns=['software_request_id']
) }},

flagged as (

    select
        *,
        {{ row_fingerprint(['ticket_key']) }} as ticket_hash,
        case when product is null then 1 else 0 end as is_missing_product,
        case when requested_at is null then 1 else 0 end as is_missing_requested_at
    from latest

)

select * from flagged
