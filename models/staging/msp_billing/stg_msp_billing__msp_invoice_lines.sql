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

    select * from {{ source('msp_billing', 'msp_invoice_lines') }}

),

{{ changed_rows(
    raw_table=source('msp_billing', 'msp_invoice_lines'),
    columns=[
        'invoice_line_id', 'invoice_number', 'billing_month', 'environment', 'tier', 'activity_points', 'amount_gbp',
        'received_on', 'updated_at'
    ]
) }},

cleaned as (

    select
        {{ trimmed('invoice_line_id') }} as invoice_line_id,
        {{ trimmed('invoice_number') }} as invoice_number,
        {{ month_start('billing_month') }} as billing_month,
        {{ environment_name('environment') }} as environment,
        {{ tier_name('tier') }} as tier,
        cast(activity_points as decimal(18, 4)) as activity_points,
        cast(amount_gbp as decimal(18, 2)) as amount_gbp,
        received_on,
        updated_at,
        billing_month as billing_day,
        row_hash
    from changed

),

{{ latest_version_of_each_key(
    id='invoice_line_id',
    key='invoice_line_key',
    columns=[
        'invoice_number', 'billing_month', 'billing_day', 'environment', 'tier', 'activity_points', 'amount_gbp',
        'received_on', 'updated_at'
    ],
    tie_breakers=[
        'received_on', 'billing_day', sort_key('environment'), sort_key('tier'), 'amount_gbp', 'activity_points',
        sort_key('invoice_number'), sort_key('invoice_line_id')
    ]
) }},

flagged as (

    select
        *,
        case when billing_month is null then 1 else 0 end as is_missing_billing_month,
        case when environment is null then 1 else 0 end as is_missing_environment,
        case when tier is null then 1 else 0 end as is_missing_tier,
        case when amount_gbp is null then 1 else 0 end as is_missing_amount_gbp,
        case when billing_day <> billing_month then 1 else 0 end as is_billing_month_not_first_day,
        case when received_on >= {{ add_days(add_months('billing_month', 1), 60) }} then 1 else 0 end
            as is_received_late
    from latest

)

select * from flagged
