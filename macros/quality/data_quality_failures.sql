{#- One row per table, quality rule and record that breaks it, from the flags `is_<rule>` of some models.

    checks  a list of dicts: parent (a relation), table_name, record_id (its column), rules ({dimension: [rule, ...]})
            and, for the model that has source_row_count, counts_copies: true, which adds the rule duplicate_key

    Each parent is read once, and only its rows with a fault are multiplied into rules. One with has_millions: true is asked
    for the rows of each rule instead: it is kept by column, and where next to no row has a flag, reading that column
    costs next to nothing. -#}
{%- macro data_quality_failures(checks) -%}
with

rules as (
    {%- set listed = [] -%}
    {%- for check in checks -%}
        {%- set check_number = loop.index -%}
        {%- if check.counts_copies and not check.has_millions %}
            {%- do listed.append((check_number, check.table_name, 'uniqueness', 'duplicate_key')) -%}
        {%- endif -%}
        {%- for dimension, rule_names in check.rules.items() if not check.has_millions -%}
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
{%- if not check.has_millions %}
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
{% endif %}
{%- endfor %}
failures as (
    {%- for check in checks %}
    {%- set faulty_rows = 'faulty_rows_' ~ loop.index %}
    {%- if not loop.first %}

    union all
    {%- endif %}
    {%- if check.has_millions %}
    {%- if check.counts_copies %}

    select
        '{{ check.table_name }}' as table_name,
        'uniqueness' as dimension,
        'duplicate_key' as rule_name,
        {{ check.record_id }} as record_id,
        source_row_count - 1 as failed_rows
    from {{ check.parent }}
    where source_row_count > 1

    union all
    {%- endif %}
    {%- for dimension, rule_names in check.rules.items() %}
    {%- set last_dimension = loop.last %}
    {%- for rule_name in rule_names %}

    select
        '{{ check.table_name }}' as table_name,
        '{{ dimension }}' as dimension,
        '{{ rule_name }}' as rule_name,
        {{ check.record_id }} as record_id,
        1 as failed_rows
    from {{ check.parent }}
    where is_{{ rule_name }} = 1
    {%- if not (last_dimension and loop.last) %}

    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
    {%- else %}

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
    {%- endif %}
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
