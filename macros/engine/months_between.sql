{#- Month ends passed from the first date or moment to the second. -#}
{%- macro months_between(first, second) -%}
    {{ dbt.datediff(first, second, 'month') }}
{%- endmacro -%}
