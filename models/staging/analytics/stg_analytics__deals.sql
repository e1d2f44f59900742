{{
    config(
        materialized='incremental',
        unique_key='key_hash',
        indexes=index_on(['key_hash']),
        post_hook=["{{ keep_removed_keys('deal_key') }}", "{{ delete_gone_keys() }}"]
    )
}}

with

source as (

    select * from {{ source('analytics', 'deals') }}

),

{{ changed_rows(
    raw_table=source('analytics', 'deals'),
    columns=[
        'deal_id', 'customer_id', 'customer_name', 'customer_segment', 'sales_rep', 'sales_region', 'revenue_type',
        'contract_value', 'currency_code', 'duration_months', 'booked_on', 'start_date', 'end_date', 'deal_status',
        'cancelled_on', 'updated_at'
    ]
) }},

cleaned as (

    select
        {{ trimmed('deal_id') }} as deal_id,
        {{ trimmed('customer_id') }} as customer_id,
        {{ trimmed('customer_name') }} as customer_name,
        {{ trimmed('customer_segment') }} as customer_segment,
        {{ trimmed('sales_rep') }} as sales_rep,
        {{ trimmed('sales_region') }} as sales_region,
        {{ revenue_type_name('revenue_type') }} as revenue_type,
        contract_value,
        {{ match_key('currency_code') }} as currency_code,
        duration_months,
        booked_on,
        start_date,
        end_date,
        case
            when {{ match_key('deal_status') }} in ('WON', 'CLOSED WON') then 'won'
            when {{ match_key('deal_status') }} in ('OPEN', 'PENDING') then 'open'
            when {{ match_key('deal_status') }} = 'LOST' then 'lost'
            when {{ match_key('deal_status') }} = 'CANCELLED' then 'cancelled'
            else {{ trimmed('deal_status') }}
        end as deal_status,
        cancelled_on,
        updated_at,
        row_hash
    from changed

),

{{ latest_version_of_each_key(
    id='deal_id',
    key='deal_key',
    columns=[
        'customer_id', 'customer_name', 'customer_segment', 'sales_rep', 'sales_region', 'revenue_type',
        'contract_value', 'currency_code', 'duration_months', 'booked_on', 'start_date', 'end_date', 'deal_status',
        'cancelled_on', 'updated_at'
    ],
    tie_breakers=[
        'cancelled_on', 'contract_value', 'booked_on', 'start_date', 'duration_months', 'deal_status', 'currency_code',
        'revenue_type', 'customer_segment'
    ]
) }},

flagged as (

    select
        *,
        key_hash as deal_hash,
        case when source_row_count > 1 then 1 else 0 end as is_duplicate_key,
        case when customer_id is null then 1 else 0 end as is_missing_customer_id,
        case when contract_value is null then 1 else 0 end as is_missing_contract_value,
        case when booked_on is null then 1 else 0 end as is_missing_booked_on,
        case when deal_status is null then 1 else 0 end as is_missing_deal_status,
        case when currency_code is null then 1 else 0 end as is_missing_currency_code,
        case when revenue_type is null then 1 else 0 end as is_missing_revenue_type,
        case
            when deal_status not in ('won', 'open', 'lost', 'cancelled') then 1
            else 0
        end as is_unknown_deal_status,
        case when end_date < start_date then 1 else 0 end as is_end_before_start,
        case
            when deal_status = 'cancelled' and cancelled_on is null then 1
            else 0
        end as is_cancelled_without_date,
        case when cancelled_on < booked_on then 1 else 0 end as is_cancelled_before_booked,
        case when cast(updated_at as date) < booked_on then 1 else 0 end as is_updated_before_booked
    from latest

)

select * from flagged
