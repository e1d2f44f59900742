{#- Columns of a row as one text: their values in a row, or "name: value; name: value". -#}
{%- macro columns_as_text(columns, with_names=false) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- if with_names -%}
            {%- do parts.append("'" ~ column ~ ": '") -%}
        {%- endif -%}
        {%- do parts.append("coalesce(cast(" ~ column_name(column) ~ " as nvarchar(1000)), '')") -%}
        {%- if not loop.last -%}
            {%- do parts.append("'; '" if with_names else "' '") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ 'concat(' ~ parts | join(', ') ~ ')' if parts | length > 1 else parts[0] }}
{%- endmacro -%}
