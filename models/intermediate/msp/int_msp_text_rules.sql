with

environment_rules as (

    select * from {{ ref('stg_reference__environment_rules') }}

),

category_rules as (

    select * from {{ ref('stg_reference__task_category_rules') }}

),

rules as (

    select
        rule_id,
        rule_position,
        field_name,
        pattern,
        environment as outcome
    from environment_rules

    union all

    select
        rule_id,
        rule_position,
        'task_description' as field_name,
        pattern,
        category as outcome
    from category_rules

)

select * from rules
