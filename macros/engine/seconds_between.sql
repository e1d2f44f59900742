{#- Whole seconds passed from the first moment to the second, as a bigint. -#}
{%- macro seconds_between(first, second) -%}
    {{- return(adapter.dispatch('seconds_between', 'tieout')(first, second)) -}}
{%- endmacro -%}

{%- macro default__seconds_between(first, second) -%}
    {{ dbt.datediff(first, second, 'second') }}
{%- endmacro -%}

{%- macro sqlserver__seconds_between(first, second) -%}
    datediff_big(second, {{ first }}, {{ second }})
{%- endmacro -%}
