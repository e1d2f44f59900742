{#- The wall clock of an IANA zone at a UTC moment. Both come and go without a zone. -#}
{%- macro utc_to_local(moment, zone) -%}
    {{- return(adapter.dispatch('utc_to_local', 'tieout')(moment, zone)) -}}
{%- endmacro -%}

{%- macro default__utc_to_local(moment, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ moment }}))
{%- endmacro -%}

{%- macro snowflake__utc_to_local(moment, zone) -%}
    convert_timezone('UTC', {{ zone }}, {{ moment }})
{%- endmacro -%}

{#- Windows zone names there; the caller passes the name that windows_time_zones maps. -#}
{%- macro sqlserver__utc_to_local(moment, zone) -%}
    cast({{ moment }} at time zone 'UTC' at time zone {{ zone }} as datetime2(6))
{%- endmacro -%}
