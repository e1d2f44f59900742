{#- Midnights passed from the first date or moment to the second. -#}
{%- macro days_between(first, second) -%}
    {{ dbt.datediff(first, second, 'day') }}
{%- endmacro -%}
