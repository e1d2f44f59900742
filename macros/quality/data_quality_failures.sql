{#- One row per table, quality rule and record that breaks it, from the flags `is_<rule>` of some models.

    checks  a list of dicts: parent (a relation), table_name, record_id (its column), rules ({dimension: [rule, ...]})
            and, for the model that has source_row_count, counts_copies: true, which adds the rule duplicate_key

    Each parent is read once, and only its rows with a fault are multiplied into rules. -#}
{%- macro data_quality_failures(checks) -%}
with

rules as (
    {%- set listed = [] -%}
    {%- for check in checks -%}
        {%- set check_number = loop.index -%}
        {%- if check.counts_copies %}
            {%- do listed.append((check_number, check.table_name, 'uniqueness', 'duplicate_key')) -%}
        {%- endif -%}
        {%- for dimension, rule_names in check.rules.items() -%}
            {%- for rule_name in rule_names -%}
                {%- do listed.append((check_number, check.table_name, dimension, rule_name)) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for check_number, table_name, dimension, rule_name in listed %}
    {%- if not loop.first %}

    union all
    {%- endif %}

    select
        {{ check_number }} as check_number,
        '{{ table_name }}' as table_name,
        '{{ dimension }}' as dimension,
        '{{ rule_name }}' as rule_name
    {%- endfor %}

),
{% for check in checks %}
faulty_rows_{{ loop.index }} as (

    select
        {{ check.record_id }} as record_id,
        {%- for rule_name in check.rules.values() | sum(start=[]) %}
        is_{{ rule_name }},
        {%- endfor %}
        {{ 'source_row_count' if check.counts_copies else '1' }} as source_row_count
    from {{ check.parent }}
    where
        {{ 'source_row_count > 1' if check.counts_copies else '1 = 0' }}
        {%- for rule_name in check.rules.values() | sum(start=[]) %}
        or is_{{ rule_name }} = 1
        {%- endfor %}

),
{% endfor %}
failures as (
    {%- for check in checks %}
    {%- set faulty_rows = 'faulty_rows_' ~ loop.index %}
    {%- if not loop.first %}

    union all
    {%- endif %}

    select
        rules.table_name,
        rules.dimension,
        rules.rule_name,
        {{ faulty_rows }}.record_id,
        case when rules.rule_name = 'duplicate_key' then {{ faulty_rows }}.source_row_count - 1 else 1 end as failed_rows
    from {{ faulty_rows }}
    inner join rules
        on
            rules.check_number = {{ loop.index }}
            and case rules.rule_name
                when 'duplicate_key' then case when {{ faulty_rows }}.source_row_count > 1 then 1 else 0 end
                {%- for rule_name in check.rules.values() | sum(start=[]) %}
                when '{{ rule_name }}' then {{ faulty_rows }}.is_{{ rule_name }}
                {%- endfor %}
            end = 1
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
{%- endmacro -%}
