{{
    config(
        materialized='incremental',
        unique_key='text_key',
        post_hook="{{ delete_keys_gone_from(ref('int_msp_texts'), 'text_key') }}"
    )
}}

{%- set rules_in_order = text_rules(ref('int_msp_text_rules')) | sort(attribute='rule_position') %}

with

texts as (

    select * from {{ ref('int_msp_texts') }}

),

rules as (

    select * from {{ ref('int_msp_text_rules') }}

),

rules_version as (

    select * from {{ ref('int_msp_rules_version') }}

),

versioned as (

    select
        texts.*,
        rules_version.text_rules_hash
    from texts
    cross join rules_version

),

changed as (

    {{ only_changed(from='versioned', key='text_key', hash_column='text_rules_hash') }}

),

tried as (

    select
        *,
        case
            when 1 = 0 then 0
            {%- for rule in rules_in_order %}
            when
                field_name = {{ text_literal(rule.field_name) }}
                and {{ matches_pattern('text_value', rule.pattern, rule.rule_id) }}
                then {{ rule.rule_position }}
            {%- endfor %}
        end as rule_position,
        case when field_name = 'task_description' then {{ suggested_quantity('text_value') }} end as suggested_quantity
    from changed

),

matched as (

    select
        tried.text_key,
        tried.field_name,
        tried.text_value,
        tried.rule_position,
        rules.rule_id,
        rules.outcome,
        tried.suggested_quantity,
        tried.text_rules_hash
    from tried
    left join rules
        on
            rules.field_name = tried.field_name
            and rules.rule_position = tried.rule_position

)

select * from matched
