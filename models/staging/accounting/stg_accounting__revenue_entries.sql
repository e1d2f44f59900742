{{
    config(
        materialized='incremental',
        unique_key='key_hash',
        indexes=index_on(['key_hash']),
        post_hook=["{{ keep_removed_keys('entry_key') }}", "{{ delete_gone_keys() }}"]
    )
}}

with

source as (

    select * from {{ source('accounting', 'revenue_entries') }}

),

{{ changed_rows(
    raw_table=source('accounting', 'revenue_entries'),
    columns=[
        'entry_id', 'deal_id', 'recognition_period', 'revenue_type', 'entry_type', 'recognized_amount', 'currency_code',
        'gl_account', 'performance_obligation', 'posted_by', 'posted_at', 'updated_at'
    ]
) }},

cleaned as (

    select
        {{ trimmed('entry_id') }} as entry_id,
        {{ trimmed('deal_id') }} as deal_id,
        recognition_period,
        {{ revenue_type_name('revenue_type') }} as revenue_type,
        lower({{ trimmed('entry_type') }}) as entry_type,
        recognized_amount,
        {{ match_key('currency_code') }} as currency_code,
        {{ trimmed('gl_account') }} as gl_account,
        {{ trimmed('performance_obligation') }} as performance_obligation,
        {{ trimmed('posted_by') }} as posted_by,
        posted_at,
        updated_at,
        row_hash
    from changed

),

{{ latest_version_of_each_key(
    id='entry_id',
    key='entry_key',
    columns=[
        'deal_id', 'recognition_period', 'revenue_type', 'entry_type', 'recognized_amount', 'currency_code',
        'gl_account', 'performance_obligation', 'posted_by', 'posted_at', 'updated_at'
    ],
    tie_breakers=[
        'posted_at', 'recognition_period', 'recognized_amount', 'entry_type', 'currency_code', 'revenue_type', 'deal_id'
    ]
) }},

with_month as (

    select
        *,
        coalesce(upper(deal_id), '(NONE)') as deal_key,
        upper(revenue_type) as revenue_type_key,
        {{ month_start('recognition_period') }} as revenue_month
    from latest

),

flagged as (

    select
        *,
        {{ row_fingerprint(['deal_key']) }} as deal_hash,
        case when source_row_count > 1 then 1 else 0 end as is_duplicate_key,
        case when deal_id is null then 1 else 0 end as is_missing_deal_id,
        case when recognition_period is null then 1 else 0 end as is_missing_recognition_period,
        case when recognized_amount is null then 1 else 0 end as is_missing_recognized_amount,
        case when posted_at is null then 1 else 0 end as is_missing_posted_at,
        case when currency_code is null then 1 else 0 end as is_missing_currency_code,
        case when revenue_type is null then 1 else 0 end as is_missing_revenue_type,
        case
            when entry_type in ('recognition', 'adjustment', 'reversal') then 0
            else 1
        end as is_unknown_entry_type,
        case
            when recognition_period <> revenue_month then 1
            else 0
        end as is_recognition_period_not_first_day,
        -- A period of 9999 is a stand-in for none, and no engine counts on from it.
        case
            when revenue_month >= cast('9999-01-01' as date) then 0
            when
                entry_type = 'recognition'
                and posted_at >= {{ add_days(add_months('revenue_month', 1), 45) }}
                then 1
            else 0
        end as is_posted_late
    from with_month

)

select * from flagged
