{#- A moment so many seconds later. -#}
{%- macro add_seconds(moment, seconds) -%}
    {{- return(adapter.dispatch('add_seconds', 'tieout')(moment, seconds)) -}}
{%- endmacro -%}

{%- macro default__add_seconds(moment, seconds) -%}
    cast({{ dbt.dateadd('second', seconds, moment) }} as {{ dbt.type_timestamp() }})
{%- endmacro -%}

{#- dateadd takes an int there: whole days first, so that a span of more than 68 years does not overflow. -#}
{%- macro sqlserver__add_seconds(moment, seconds) -%}
    dateadd(second, cast(({{ seconds }}) % 86400 as int), dateadd(day, cast(({{ seconds }}) / 86400 as int), cast({{ moment }} as datetime2(6))))
{%- endmacro -%}
