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

    select * from {{ source('support', 'support_cases') }}

),

{{ changed_rows(
    raw_table=source('support', 'support_cases'),
    columns=[
        'case_id', 'priority', 'region', 'product', 'queue', 'customer_tier', 'case_status', 'created_at',
        'first_responded_at', 'resolved_at', 'closed_at', 'reopened_count', 'updated_at'
    ]
) }},

cleaned as (

    select
        {{ trimmed('case_id') }} as case_id,
        {{ match_key('priority') }} as priority,
        coalesce({{ trimmed('region') }}, 'Unknown') as region,
        coalesce({{ trimmed('product') }}, 'Unknown') as product,
        coalesce({{ trimmed('queue') }}, 'Unknown') as queue,
        {{ match_key('customer_tier') }} as customer_tier,
        lower({{ trimmed('case_status') }}) as case_status,
        created_at,
        first_responded_at,
        resolved_at,
        closed_at,
        reopened_count,
        updated_at,
        row_hash
    from changed

),

{{ latest_version_of_each_key(
    id='case_id',
    key='case_key',
    columns=[
        'priority', 'region', 'product', 'queue', 'customer_tier', 'case_status', 'created_at', 'first_responded_at',
        'resolved_at', 'closed_at', 'reopened_count', 'updated_at'
    ],
    tie_breakers=[
        'closed_at', 'resolved_at', 'first_responded_at', 'created_at', sort_key('case_status'), sort_key('priority'),
        sort_key('customer_tier'), sort_key('region'), sort_key('product'), sort_key('queue'), 'reopened_count'
    ]
) }},

flagged as (

    select
        *,
        case when priority is null then 1 else 0 end as is_missing_priority,
        case when created_at is null then 1 else 0 end as is_missing_created_at,
        case when case_status is null then 1 else 0 end as is_missing_case_status,
        case
            when case_status in ('resolved', 'closed') and resolved_at is null and closed_at is null then 1
            else 0
        end as is_missing_resolved_at,
        case when source_row_count > 1 then 1 else 0 end as is_duplicate_key,
        case
            when case_status not in ('new', 'open', 'pending', 'on_hold', 'resolved', 'closed') then 1
            else 0
        end as is_unknown_case_status,
        case when first_responded_at < created_at then 1 else 0 end as is_first_response_before_creation,
        case when resolved_at < created_at then 1 else 0 end as is_resolved_before_creation,
        case when closed_at < resolved_at then 1 else 0 end as is_closed_before_resolved,
        case
            when case_status not in ('resolved', 'closed') and resolved_at is not null then 1
            else 0
        end as is_resolved_while_open,
        case when updated_at < created_at then 1 else 0 end as is_updated_before_created
    from latest

)

select * from flagged
