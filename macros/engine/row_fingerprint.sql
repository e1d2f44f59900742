{#- A fingerprint of a row by which it can be found again among millions: 63 bits (SQL Server: 64), where `row_hash` has
    only 48. Never shown, never compared between engines. -#}
{%- macro row_fingerprint(columns) -%}
    {{- return(adapter.dispatch('row_fingerprint', 'tieout')(columns)) -}}
{%- endmacro -%}

{%- macro default__row_fingerprint(columns) -%}
    cast(hash({{ columns | join(', ') }}) >> 1 as bigint)
{%- endmacro -%}

{%- macro snowflake__row_fingerprint(columns) -%}
    cast(bitand(hash({{ columns | join(', ') }}), 9223372036854775807) as bigint)
{%- endmacro -%}

{%- macro sqlserver__row_fingerprint(columns) -%}
    {{- tieout.sqlserver_row_digest(columns, 8) -}}
{%- endmacro -%}
