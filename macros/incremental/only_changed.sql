{#- The rows of a CTE that are new or whose fingerprint differs from the one already built; all of them on a full build.
    relation: what the CTE selects from, where that is wide: on an incremental run it is read once for the fingerprints
    alone and then for the rows that changed. -#}
{%- macro only_changed(from, key, hash_column, relation=none) -%}
    select {{ from }}.*
    from {{ from }}
    {%- if is_incremental() and relation %}
    inner join (
        select fingerprints.{{ key }}
        from {{ relation }} as fingerprints
        left join {{ this }} as already_built
            on
                already_built.{{ key }} = fingerprints.{{ key }}
                and already_built.{{ hash_column }} = fingerprints.{{ hash_column }}
        where already_built.{{ key }} is null
    ) as changed_keys on {{ from }}.{{ key }} = changed_keys.{{ key }}
    {%- elif is_incremental() %}
    left join {{ this }} as already_built
        on
            already_built.{{ key }} = {{ from }}.{{ key }}
            and already_built.{{ hash_column }} = {{ from }}.{{ hash_column }}
    where already_built.{{ key }} is null
    {%- endif %}
{%- endmacro -%}
