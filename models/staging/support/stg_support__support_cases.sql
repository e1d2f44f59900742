{{
    config(
        materialized='incremental',
        unique_key='case_key',
        post_hook="{{ delete_ids_gone_from(source('support', 'support_cases'), 'case_id', 'case_key') }}"
    )
}}

with

source as (

    select * from {{ source('support', 'support_cases') }}

),

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
        {{ row_hash([
            'case_id', 'priority', 'region', 'product', 'queue', 'customer_tier', 'case_status', 'created_at',
            'first_responded_at', 'resolved_at', 'closed_at', 'reopened_count', 'updated_at'
        ]) }} as row_hash
    from source

),

{{ latest_version_of_each_key(
    id='case_id',
    key='case_key',
    columns=[
        'priority', 'region', 'product', 'queue', 'customer_tier', 'case_status', 'created_at', 'first_responded_at',
        'resolved_at', 'closed_at', 'reopened_count', 'updated_at'
    ],
    tie_breakers=['closed_at', 'resolved_at', 'case_status']
) }},

flagged as (

    select
        *,
        case when priority is null then 1 else 0 end as is_missing_priority,
        case when created_at is null then 1 else 0 end as is_missing_created_at
    from latest

)

select * from flagged
