{#- Post-hook of an incremental model: deletes what its parent no longer has, so that a row removed at the source is
    removed here too. rows_of_a_key: how many rows the model has for each of its parent's, where that is fixed: then
    counting tells, at no cost, that nothing is gone. -#}
{%- macro delete_keys_gone_from(parent, key, rows_of_a_key=none) -%}
    {%- if is_incremental() and not (rows_of_a_key and is_as_long_as(parent, rows_of_a_key)) -%}
        delete from {{ this }} where {{ key }} not in (select {{ key }} from {{ parent }})
    {%- endif -%}
{%- endmacro -%}

{%- macro is_as_long_as(parent, rows_of_a_key) -%}
    {%- if not execute -%}{{- return(false) -}}{%- endif -%}
    {%- set counted -%}
        select built.row_count - {{ rows_of_a_key }} * parent.row_count as surplus
        from (select count(*) as row_count from {{ this }}) as built
        cross join (select count(*) as row_count from {{ parent }}) as parent
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
