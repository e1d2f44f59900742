{#- Text ordered by code point, as DuckDB and Snowflake do; SQL Server would follow its collation. -#}
{%- macro sort_key(text) -%}
    {{- return(adapter.dispatch('sort_key', 'tieout')(text)) -}}
{%- endmacro -%}

{%- macro default__sort_key(text) -%}
    {{ text }}
{%- endmacro -%}

{%- macro sqlserver__sort_key(text) -%}
    {{ text }} collate Latin1_General_BIN2
{%- endmacro -%}
