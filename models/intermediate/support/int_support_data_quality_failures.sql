{%- set case_rules = {
    'completeness': [
        'missing_key', 'missing_priority', 'missing_created_at', 'missing_case_status', 'missing_resolved_at'
    ],
    'uniqueness': ['duplicate_key'],
    'validity': ['unknown_case_status'],
    'consistency': [
        'first_response_before_creation', 'resolved_before_creation', 'closed_before_resolved', 'resolved_while_open'
    ],
    'timeliness': ['updated_before_created'],
} -%}
{%- set event_rules = {
    'completeness': ['missing_key', 'missing_case_id', 'missing_case_status', 'missing_occurred_at'],
    'uniqueness': ['duplicate_key'],
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
{% for dimension, rules in case_rules.items() %}{% for rule in rules %}
    select
        'support_cases' as table_name,
        '{{ dimension }}' as dimension,
        '{{ rule }}' as rule_name,
        case_id as record_id,
        {{ 'source_row_count - 1' if rule == 'duplicate_key' else 1 }} as failed_rows
    from cases
    where is_{{ rule }} = 1

    union all
{% endfor %}{% endfor %}
{%- for dimension, rules in event_rules.items() %}{% set outer_loop = loop %}{% for rule in rules %}
    select
        'support_case_events' as table_name,
        '{{ dimension }}' as dimension,
        '{{ rule }}' as rule_name,
        event_id as record_id,
        {{ 'source_row_count - 1' if rule == 'duplicate_key' else 1 }} as failed_rows
    from case_events
    where is_{{ rule }} = 1
    {% if not (loop.last and outer_loop.last) %}
    union all
    {% endif %}{% endfor %}{% endfor %}
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
