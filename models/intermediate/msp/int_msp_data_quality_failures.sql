{%- set checks = [
    (ref('stg_service_desk__service_tickets'), 'service_tickets', 'ticket_id', [
        ('completeness', ['missing_key', 'missing_ticket_type', 'missing_opened_at']),
        ('validity', ['unknown_ticket_type']),
        ('consistency', ['closed_before_opened']),
        ('timeliness', ['updated_before_opened']),
    ]),
    (ref('stg_service_desk__service_tasks'), 'service_tasks', 'task_id', [
        ('completeness', [
            'missing_key', 'missing_ticket_id', 'missing_task_status', 'missing_completion_method',
            'missing_completed_at',
        ]),
        ('validity', ['unknown_task_status', 'non_positive_quantity']),
        ('consistency', ['completed_before_started']),
        ('timeliness', ['updated_before_completed']),
    ]),
    (ref('int_msp_service_tasks_valued'), 'service_tasks', 'task_id', [
        ('validity', ['unknown_completion_method', 'no_rate_on_completion_day']),
        ('consistency', ['orphan_ticket', 'orphan_asset', 'orphan_software_request']),
    ]),
    (ref('stg_service_desk__hardware_assets'), 'hardware_assets', 'asset_tag', [
        ('completeness', ['missing_key', 'missing_asset_type']),
    ]),
    (ref('stg_service_desk__software_requests'), 'software_requests', 'software_request_id', [
        ('completeness', ['missing_key', 'missing_product', 'missing_requested_at']),
    ]),
    (ref('int_msp_software_requests_joined'), 'software_requests', 'software_request_id', [
        ('consistency', ['orphan_ticket']),
    ]),
    (ref('stg_msp_billing__msp_invoice_lines'), 'msp_invoice_lines', 'invoice_line_id', [
        ('completeness', [
            'missing_key', 'missing_billing_month', 'missing_environment', 'missing_tier', 'missing_amount_gbp',
        ]),
        ('validity', ['billing_month_not_first_day']),
        ('timeliness', ['received_late']),
    ]),
    (ref('int_msp_invoice_lines'), 'msp_invoice_lines', 'invoice_line_id', [
        ('validity', ['unknown_environment', 'unknown_tier']),
    ]),
] -%}
{%- set staged = [] -%}
{%- for relation, table_name, id, rules in checks if 'missing_key' in rules[0][1] -%}
{%- do staged.append((relation, table_name, id)) -%}
{%- endfor -%}

with

failing_rows as (
    {% for relation, table_name, id, dimensions in checks %}
    {%- set first_table = loop.first %}
    {%- for dimension, rules in dimensions %}
    {%- set first_dimension = loop.first %}
    {%- for rule_name in rules %}
    {% if not (first_table and first_dimension and loop.first) %}union all{% endif %}
    select
        '{{ table_name }}' as table_name,
        '{{ dimension }}' as dimension,
        '{{ rule_name }}' as rule_name,
        {{ id }} as record_id,
        1 as failed_rows
    from {{ relation }}
    where is_{{ rule_name }} = 1
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}

),

surplus_rows as (
    {% for relation, table_name, id in staged %}
    {% if not loop.first %}union all{% endif %}
    select
        '{{ table_name }}' as table_name,
        'uniqueness' as dimension,
        'duplicate_key' as rule_name,
        {{ id }} as record_id,
        source_row_count - 1 as failed_rows
    from {{ relation }}
    where source_row_count > 1
    {%- endfor %}

),

unioned as (

    select * from failing_rows
    union all
    select * from surplus_rows

),

failures as (

    select
        cast(table_name as nvarchar(50)) as table_name,
        cast(dimension as nvarchar(20)) as dimension,
        cast(rule_name as nvarchar(50)) as rule_name,
        cast(record_id as nvarchar(255)) as record_id,
        cast(failed_rows as integer) as failed_rows
    from unioned

)

select * from failures
