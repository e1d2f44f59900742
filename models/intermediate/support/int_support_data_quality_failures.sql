{%- set case_rules = {
    'completeness': [
        'missing_key', 'missing_priority', 'missing_created_at', 'missing_case_status', 'missing_resolved_at'
    ],
    'validity': ['unknown_case_status'],
    'consistency': [
        'first_response_before_creation', 'resolved_before_creation', 'closed_before_resolved', 'resolved_while_open'
    ],
    'timeliness': ['updated_before_created'],
} -%}
{%- set event_rules = {
    'completeness': ['missing_key', 'missing_case_id', 'missing_case_status', 'missing_occurred_at'],
    'validity': ['unknown_case_status'],
    'consistency': ['orphan_case', 'event_before_creation'],
} -%}

with

cases as (

    select * from {{ ref('stg_support__support_cases') }}

),

case_events as (

    select * from {{ ref('int_support_case_events') }}

),

failures as (

    select
        'support_cases' as table_name,
        'uniqueness' as dimension,
        'duplicate_key' as rule_name,
        case_id as record_id,
        source_row_count - 1 as failed_rows
    from cases
    where is_duplicate_key = 1

    union all

    select
        'support_case_events' as table_name,
        'uniqueness' as dimension,
        'duplicate_key' as rule_name,
        event_id as record_id,
        source_row_count - 1 as failed_rows
    from case_events
    where is_duplicate_key = 1
    {%- for table_name, record_id, parent, rules in [
        ('support_cases', 'case_id', 'cases', case_rules),
        ('support_case_events', 'event_id', 'case_events', event_rules)
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

typed as (

    select
        cast(table_name as nvarchar(50)) as table_name,
        cast(dimension as nvarchar(20)) as dimension,
        cast(rule_name as nvarchar(50)) as rule_name,
        cast(record_id as nvarchar(255)) as record_id,
        cast(failed_rows as integer) as failed_rows
    from failures

)

select * from typed
