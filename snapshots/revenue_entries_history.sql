{% snapshot revenue_entries_history %}

{%- set columns = [
    'entry_id', 'deal_id', 'recognition_period', 'revenue_type', 'entry_type', 'recognized_amount', 'currency_code',
    'gl_account', 'performance_obligation', 'posted_by', 'posted_at'
] %}
{{
    config(
        unique_key='entry_key',
        strategy='check',
        check_cols=columns + ['dbt_is_deleted'],
        tags=['revenue']
    )
}}

{{ versions_since_snapshot(
    parent=ref('stg_accounting__revenue_entries'),
    key='entry_key',
    columns=columns
) }}

{% endsnapshot %}
