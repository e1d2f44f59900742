{#- The name under which the engine knows a time zone: SQL Server speaks Windows names, the others IANA's. -#}
{%- macro engine_timezone(iana_timezone, windows_timezone) -%}
    {{- return(adapter.dispatch('engine_timezone', 'tieout')(iana_timezone, windows_timezone)) -}}
{%- endmacro -%}

{%- macro default__engine_timezone(iana_timezone, windows_timezone) -%}
    {{ iana_timezone }}
{%- endmacro -%}

{%- macro sqlserver__engine_timezone(iana_timezone, windows_timezone) -%}
    {{ windows_timezone }}
{%- endmacro -%}
