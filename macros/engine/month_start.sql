{#- First day of the month of a date or moment, as a date. -#}
{%- macro month_start(moment) -%}
    cast({{ dbt.date_trunc('month', moment) }} as date)
{%- endmacro -%}
