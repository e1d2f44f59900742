{#- A 0/1 integer as the engine's own yes/no type, for mart columns. Everywhere else flags stay 0 and 1. -#}
{%- macro as_flag(number) -%}
    {{- return(adapter.dispatch('as_flag', 'tieout')(number)) -}}
{%- endmacro -%}

{%- macro default__as_flag(number) -%}
    cast({{ number }} as boolean)
{%- endmacro -%}

{%- macro sqlserver__as_flag(number) -%}
    cast({{ number }} as bit)
{%- endmacro -%}
