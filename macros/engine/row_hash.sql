{#- A 48-bit fingerprint of a row, to see whether it changed since it was last built. Never shown, never compared
    between engines; 48 bits so that a sum over the copies of a key fits a bigint. -#}
{%- macro row_hash(columns) -%}
    {{- return(adapter.dispatch('row_hash', 'tieout')(columns)) -}}
{%- endmacro -%}

{%- macro default__row_hash(columns) -%}
    cast(hash({{ columns | join(', ') }}) >> 16 as bigint)
{%- endmacro -%}

{%- macro snowflake__row_hash(columns) -%}
    cast(bitand(hash({{ columns | join(', ') }}), 281474976710655) as bigint)
{%- endmacro -%}

{%- macro sqlserver__row_hash(columns) -%}
    {{- tieout.sqlserver_row_digest(columns, 6) -}}
{%- endmacro -%}

{#- Style 121, as a cast would cut the seconds off an old datetime column: a change of them would go unseen. -#}
{%- macro sqlserver_row_digest(columns, byte_count) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- do parts.append("coalesce(convert(nvarchar(2000), " ~ column ~ ", 121), nchar(1))") -%}
    {%- endfor -%}
    cast(
        substring(hashbytes('SHA2_256', concat_ws(nchar(2), {{ parts | join(', ') }}, nchar(3))), 1, {{ byte_count }})
        as bigint
    )
{%- endmacro -%}
