{#- The rows of a CTE that are new or whose fingerprint differs from the one already built; all of them on a full build.
    has_many_rows: whether the model has many rows of a key; they are brought to one before they are joined. -#}
{%- macro only_changed(from, key, hash_column, has_many_rows=false) -%}
    select {{ from }}.*
    from {{ from }}
    {%- if is_incremental() %}
    left join {{ '(' ~ built_versions(key, hash_column) ~ ')' if has_many_rows else this }} as already_built
        on
            already_built.{{ key }} = {{ from }}.{{ key }}
            and already_built.{{ hash_column }} = {{ from }}.{{ hash_column }}
    where already_built.{{ key }} is null
    {%- endif %}
{%- endmacro -%}

{%- macro built_versions(key, hash_column) -%}
    select {{ key }}, {{ hash_column }} from {{ this }} group by {{ key }}, {{ hash_column }}
{%- endmacro -%}
