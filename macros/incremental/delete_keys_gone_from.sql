{#- Post-hook of an incremental model: deletes what its parent no longer has, so that a row removed at the source is
    removed here too. rows_of_a_key: how many rows the model has for each of its parent's, where that is fixed, or
    parent_rows: the aggregate of the parent that gives the rows of the model. Then counting tells, at no cost, that
    nothing is gone. -#}
{%- macro delete_keys_gone_from(parent, key, rows_of_a_key=none, parent_rows=none) -%}
    {%- set expected_rows = parent_rows or (rows_of_a_key ~ ' * count(*)' if rows_of_a_key) -%}
    {%- if is_incremental() and not (expected_rows and is_as_long_as(parent, expected_rows)) -%}
        delete from {{ this }} where {{ key }} not in (select {{ key }} from {{ parent }})
    {%- endif -%}
{%- endmacro -%}

{%- macro is_as_long_as(parent, expected_rows) -%}
    {%- if not execute -%}{{- return(false) -}}{%- endif -%}
    {%- set counted -%}
        select built.row_count - parent.row_count as surplus
        from (select count(*) as row_count from {{ this }}) as built
        cross join (select coalesce({{ expected_rows }}, 0) as row_count from {{ parent }}) as parent
    {%- endset -%}
    {%- set result = run_query(counted) -%}
    {{- return(result is not none and result.rows | length == 1 and result.rows[0][0] == 0) -}}
{%- endmacro -%}

{#- The same for a staging model, which marks such a key with a count of 0 (latest_version_of_each_key). -#}
{%- macro delete_gone_keys() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where source_row_count = 0
    {%- endif -%}
{%- endmacro -%}
