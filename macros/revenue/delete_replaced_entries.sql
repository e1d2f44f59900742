{#- Post-hook of int_revenue_entries: deletes what its query handed over for keep_removed_keys alone. -#}
{%- macro delete_replaced_entries() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where is_replaced = 1
    {%- endif -%}
{%- endmacro -%}
