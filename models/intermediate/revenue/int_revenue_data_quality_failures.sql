{%- set deal_rules = {
    'completeness': [
        'missing_key', 'missing_customer_id', 'missing_contract_value', 'missing_booked_on', 'missing_deal_status',
        'missing_currency_code', 'missing_revenue_type'
    ],
    'validity': ['unknown_deal_status'],
    'consistency': ['end_before_start', 'cancelled_without_date', 'cancelled_before_booked'],
    'timeliness': ['updated_before_booked']
} -%}
{%- set joined_deal_rules = {
    'validity': ['unknown_revenue_type', 'unknown_currency_code', 'invalid_duration']
} -%}
{%- set entry_rules = {
    'completeness': [
        'missing_key', 'missing_deal_id', 'missing_recognition_period', 'missing_recognized_amount',
        'missing_posted_at', 'missing_currency_code', 'missing_revenue_type'
    ],
    'validity': ['unknown_entry_type', 'recognition_period_not_first_day'],
    'timeliness': ['posted_late']
} -%}
{%- set joined_entry_rules = {
    'uniqueness': ['reposted_entry'],
    'validity': ['unknown_revenue_type', 'missing_fx_rate'],
    'consistency': ['orphan_deal']
} -%}
with

deals as (

    select * from {{ ref('stg_analytics__deals') }}

),

joined_deals as (

    select * from {{ ref('int_revenue_deals') }}

),

entries as (

    select * from {{ ref('stg_accounting__revenue_entries') }}

),

joined_entries as (

    select * from {{ ref('int_revenue_entries') }}

),

failures as (

    select
        'deals' as table_name,
        'uniqueness' as dimension,
        'duplicate_key' as rule_name,
        deal_id as record_id,
        source_row_count - 1 as failed_rows
    from deals
    where is_duplicate_key = 1

    union all

    select
        'revenue_entries' as table_name,
        'uniqueness' as dimension,
        'duplicate_key' as rule_name,
        entry_id as record_id,
        source_row_count - 1 as failed_rows
    from entries
    where is_duplicate_key = 1
    {%- for table_name, record_id, parent, rules in [
        ('deals', 'deal_id', 'deals', deal_rules),
        ('deals', 'deal_id', 'joined_deals', joined_deal_rules),
        ('revenue_entries', 'entry_id', 'entries', entry_rules),
        ('revenue_entries', 'entry_id', 'joined_entries', joined_entry_rules)
    ] %}
    {%- for dimension, rule_names in rules.items() %}
    {%- for rule_name in rule_names %}

    union all

    select
        '{{ table_name }}' as table_name,
        '{{ dimension }}' as dimension,
        '{{ rule_name }}' as rule_name,
        {{ record_id }} as record_id,
        1 as failed_rows
    from {{ parent }}
    where is_{{ rule_name }} = 1
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}

),

final as (

    select
        cast(table_name as nvarchar(40)) as table_name,
        cast(dimension as nvarchar(20)) as dimension,
        cast(rule_name as nvarchar(60)) as rule_name,
        cast(record_id as nvarchar(255)) as record_id,
        cast(failed_rows as integer) as failed_rows
    from failures

)

select * from final
