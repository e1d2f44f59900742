{#- Moments have no zone. dbt's own word for them is bound to whatever the account says a timestamp is. -#}
{%- macro snowflake__type_timestamp() -%}
    timestamp_ntz
{%- endmacro -%}
