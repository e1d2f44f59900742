{#- A date so many months later; the day is kept where the month has it, else its last day. -#}
{%- macro add_months(day, months) -%}
    cast({{ dbt.dateadd('month', months, day) }} as date)
{%- endmacro -%}
