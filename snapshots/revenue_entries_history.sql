{% snapshot revenue_entries_history %}

{{
    config(
        unique_key='entry_key',
        strategy='check',
        check_cols='all',
        hard_deletes='new_record',
        tags=['revenue']
    )
}}

select
    entry_key,
    entry_id,
    deal_id,
    recognition_period,
    revenue_type,
    entry_type,
    recognized_amount,
    currency_code,
    gl_account,
    performance_obligation,
    posted_by,
    posted_at
from {{ ref('stg_accounting__revenue_entries') }}

{% endsnapshot %}
