{% snapshot deals_history %}

{{
    config(
        unique_key='deal_key',
        strategy='check',
        check_cols='all',
        hard_deletes='new_record',
        tags=['revenue']
    )
}}

select
    deal_key,
    deal_id,
    customer_id,
    customer_name,
    customer_segment,
    sales_rep,
    sales_region,
    revenue_type,
    contract_value,
    currency_code,
    duration_months,
    booked_on,
    start_date,
    end_date,
    deal_status,
    cancelled_on
from {{ ref('stg_analytics__deals') }}

{% endsnapshot %}
