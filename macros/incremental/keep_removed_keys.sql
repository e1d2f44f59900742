{#- Post-hook of a model, before what its query marks as gone is deleted: keeps the keys of those rows in int_removed_keys, for
    the models below that look only at what changed. -#}
{%- macro keep_removed_keys(key, where='source_row_count = 0') -%}
    {%- set removed_keys = ref('int_removed_keys') -%}
    {%- if is_incremental() -%}
        insert into {{ removed_keys }} (model_name, removed_key, build_number)
        select distinct
            '{{ this.name | lower }}' as model_name,
            {{ key }} as removed_key,
            build_number
        from {{ this }}
        where {{ where }}
    {%- endif -%}
{%- endmacro -%}
