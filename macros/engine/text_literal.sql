{#- A text as a literal of the engine's SQL. -#}
{%- macro text_literal(text) -%}
    {{- return(adapter.dispatch('text_literal', 'tieout')(text)) -}}
{%- endmacro -%}

{%- macro default__text_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro -%}

{#- A backslash starts an escape there. -#}
{%- macro snowflake__text_literal(text) -%}
    '{{ text | replace("\\", "\\\\") | replace("'", "''") }}'
{%- endmacro -%}

{%- macro sqlserver__text_literal(text) -%}
    N'{{ text | replace("'", "''") }}'
{%- endmacro -%}
