{#- One row per raw table: its rows after deduplication and before.

    tables  a list of (relation of staging, name of the raw table) -#}
{%- macro data_quality_checks(tables) -%}
with

counted as (
    {%- for relation, table_name in tables %}
    {%- if not loop.first %}

    union all
    {%- endif %}

    select
        '{{ table_name }}' as table_name,
        count(*) as checked_rows,
        coalesce(sum(source_row_count), 0) as source_rows
    from {{ relation }}
    {%- endfor %}

),

typed as (

    select
        cast(table_name as nvarchar(50)) as table_name,
        cast(checked_rows as bigint) as checked_rows,
        cast(source_rows as bigint) as source_rows
    from counted

)

select * from typed
{%- endmacro -%}
