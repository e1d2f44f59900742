{#- A date so many days later. -#}
{%- macro add_days(day, days) -%}
    cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro -%}
