{#- Post-hook of an incremental model: deletes what its parent no longer has, so that a row removed at the source is
    removed here too. -#}
{%- macro delete_keys_gone_from(parent, key) -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ key }} not in (select {{ key }} from {{ parent }})
    {%- endif -%}
{%- endmacro -%}

{#- The same for a staging model, which marks such a key with a count of 0 (latest_version_of_each_key). -#}
{%- macro delete_gone_keys() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where source_row_count = 0
    {%- endif -%}
{%- endmacro -%}
