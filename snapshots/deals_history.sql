{% snapshot deals_history %}

{%- set columns = [
    'deal_id', 'customer_id', 'customer_name', 'customer_segment', 'sales_rep', 'sales_region', 'revenue_type',
    'contract_value', 'currency_code', 'duration_months', 'booked_on', 'start_date', 'end_date', 'deal_status',
    'cancelled_on'
] %}
{{
    config(
        unique_key='deal_key',
        strategy='check',
        check_cols=columns + ['dbt_is_deleted'],
        tags=['revenue']
    )
}}

{{ versions_since_snapshot(
    parent=ref('stg_analytics__deals'),
    key='deal_key',
    columns=columns
) }}

{% endsnapshot %}
