-- Environment and category rules that decide nothing: they are found in no task there is, or an earlier rule always
-- wins.
with

rules as (

    select * from {{ ref('int_msp_text_rules') }}

),

tasks_valued as (

    select * from {{ ref('int_msp_service_tasks_valued') }}

),

deciding as (

    select
        'environment' as decides,
        environment_rule_id as rule_id
    from tasks_valued

    union

    select
        'category' as decides,
        category_rule_id as rule_id
    from tasks_valued

),

unused as (

    select
        rules.field_name,
        rules.rule_position,
        rules.rule_id,
        rules.pattern,
        rules.outcome
    from rules
    left join deciding
        on
            rules.rule_id = deciding.rule_id
            and case when rules.field_name = 'task_description' then 'category' else 'environment' end
            = deciding.decides
    where deciding.rule_id is null

)

select * from unused
