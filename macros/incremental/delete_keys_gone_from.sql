{#- Post-hook of an incremental model: deletes what its parent no longer has, so that a row removed at the source is
    removed here too. -#}
{%- macro delete_keys_gone_from(parent, key) -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ key }} not in (select {{ key }} from {{ parent }})
    {%- endif -%}
{%- endmacro -%}

{#- The same for a staging model, whose parent is a raw table with the id as it was written. newest: any column
    of it, to number the rows without an id. -#}
{%- macro delete_ids_gone_from(raw_table, id, key, newest='updated_at') -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where {{ key }} not in (
            select {{ match_key(id) }} from {{ raw_table }} where {{ trimmed(id) }} is not null
            union all
            select concat('(none)-', cast(row_number() over (order by {{ newest }}) as nvarchar(20)))
            from {{ raw_table }} where {{ trimmed(id) }} is null
        )
    {%- endif -%}
{%- endmacro -%}
