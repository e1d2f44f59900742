{#- Post-hook of a model with the months of deals: deletes the months that are no longer there, which its query hands
    over without a seen_hash. -#}
{%- macro delete_gone_months() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where seen_hash is null
    {%- endif -%}
{%- endmacro -%}
