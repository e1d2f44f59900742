-- Rules that are found in texts an earlier rule of the same field decides: how many of its texts each loses, and to
-- which rule most. A rule that loses all of them does nothing; move it up, or take it out.
{%- set rules_in_order = text_rules(ref('int_msp_text_rules')) | sort(attribute='rule_position') %}

with

all_matches as (

    select * from {{ ref('int_msp_text_matches') }}

),

tasks_joined as (

    select * from {{ ref('int_msp_service_tasks_joined') }}

),

-- Texts that no task has any more are kept with their matches.
texts_in_use as (

    select
        'task_description' as field_name,
        upper(task_description) as text_value
    from tasks_joined

    union

    select
        'short_description' as field_name,
        upper(short_description) as text_value
    from tasks_joined

    union

    select
        'cost_centre' as field_name,
        upper(cost_centre) as text_value
    from tasks_joined

    union

    select
        'site_code' as field_name,
        upper(site_code) as text_value
    from tasks_joined

),

text_matches as (

    select all_matches.*
    from all_matches
    inner join texts_in_use
        on
            all_matches.field_name = texts_in_use.field_name
            and all_matches.text_value = texts_in_use.text_value

),

found_in as (
    {% for rule in rules_in_order %}
    {% if not loop.first %}union all{% endif %}
    select
        field_name,
        {{ text_literal(rule.rule_id) }} as rule_id,
        rule_id as deciding_rule_id
    from text_matches
    where
        field_name = {{ text_literal(rule.field_name) }}
        and {{ matches_pattern('text_value', rule.pattern, rule.rule_id) }}
    {%- else %}
    select
        field_name,
        rule_id,
        rule_id as deciding_rule_id
    from text_matches
    where 1 = 0
    {%- endfor %}

),

by_winner as (

    select
        field_name,
        rule_id,
        deciding_rule_id,
        count(*) as text_count
    from found_in
    group by field_name, rule_id, deciding_rule_id

),

ranked as (

    select
        *,
        sum(text_count) over (partition by field_name, rule_id) as texts_found_in,
        sum(case when rule_id <> deciding_rule_id then text_count else 0 end)
            over (partition by field_name, rule_id) as texts_lost,
        row_number() over (
            partition by field_name, rule_id, case when rule_id = deciding_rule_id then 1 else 0 end
            order by text_count desc, {{ sort_key('deciding_rule_id') }}
        ) as winner_rank
    from by_winner

),

shadowed as (

    select
        field_name,
        rule_id,
        texts_found_in,
        texts_lost,
        deciding_rule_id as lost_most_to,
        case when texts_lost = texts_found_in then 1 else 0 end as is_fully_shadowed
    from ranked
    where rule_id <> deciding_rule_id and winner_rank = 1

)

select * from shadowed
