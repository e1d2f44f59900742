-- Environment and category rules that decide nothing: no text reaches them, or an earlier rule always wins.
with

rules as (

    select * from {{ ref('int_msp_text_rules') }}

),

text_matches as (

    select * from {{ ref('int_msp_text_matches') }}

),

unused as (

    select
        rules.field_name,
        rules.rule_position,
        rules.rule_id,
        rules.pattern,
        rules.outcome
    from rules
    left join text_matches
        on
            rules.field_name = text_matches.field_name
            and rules.rule_position = text_matches.rule_position
    where text_matches.text_key is null

)

select * from unused
