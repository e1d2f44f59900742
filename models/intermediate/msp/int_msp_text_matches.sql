{{
    config(
        materialized='incremental',
        unique_key='text_hash'
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

{% if is_incremental() -%}
-- Looked up by number among millions, then held against by what it says.
known_texts as (

    select built.text_key
    from {{ this }} as built
    where built.text_hash in (select texts.text_hash from texts)

),

-- Texts that were not tried yet, and when a rule changed all that were, whether a task of today has them or not.
untried as (

    select
        texts.text_key,
        texts.text_hash,
        texts.field_name,
        texts.text_value
    from texts
    left join known_texts on texts.text_key = known_texts.text_key
    where known_texts.text_key is null

    union all

    select
        built.text_key,
        built.text_hash,
        built.field_name,
        built.text_value
    from {{ this }} as built
    cross join rules_version
    where built.text_rules_hash <> rules_version.text_rules_hash

),

{% else -%}
untried as (

    select * from texts

),

{% endif -%}
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
    from untried

),

matched as (

    select
        tried.text_key,
        tried.text_hash,
        tried.field_name,
        tried.text_value,
        tried.rule_position,
        rules.rule_id,
        rules.outcome,
        tried.suggested_quantity,
        rules_version.text_rules_hash
    from tried
    cross join rules_version
    left join rules
        on
            rules.field_name = tried.field_name
            and rules.rule_position = tried.rule_position

)

select * from matched
