{#- The hour of a moment, 0 to 23. -#}
{%- macro hour_of_day(moment) -%}
    {{- return(adapter.dispatch('hour_of_day', 'tieout')(moment)) -}}
{%- endmacro -%}

{%- macro default__hour_of_day(moment) -%}
    cast(date_part('hour', {{ moment }}) as integer)
{%- endmacro -%}

{%- macro sqlserver__hour_of_day(moment) -%}
    datepart(hour, {{ moment }})
{%- endmacro -%}
