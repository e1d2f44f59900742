{#- A column whose name is a reserved word somewhere (T-SQL: rule), quoted in the engine's own case. -#}
{%- macro column_name(name) -%}
    {{- return(adapter.dispatch('column_name', 'tieout')(name)) -}}
{%- endmacro -%}

{%- macro default__column_name(name) -%}
    {{ adapter.quote(name) }}
{%- endmacro -%}

{%- macro snowflake__column_name(name) -%}
    {{ adapter.quote(name | upper) }}
{%- endmacro -%}
