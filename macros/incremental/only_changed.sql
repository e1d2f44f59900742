{#- The rows of a CTE that are new or whose fingerprint differs from the one already built; all of them on a full build. -#}
{%- macro only_changed(from, key, hash_column) -%}
    select {{ from }}.*
    from {{ from }}
    {%- if is_incremental() %}
    left join {{ this }} as already_built
        on
            already_built.{{ key }} = {{ from }}.{{ key }}
            and already_built.{{ hash_column }} = {{ from }}.{{ hash_column }}
    where already_built.{{ key }} is null
    {%- endif %}
{%- endmacro -%}
