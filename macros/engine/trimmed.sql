{#- Text without spaces, tabs, line ends and no-break spaces around it; null when nothing is left. -#}
{%- macro trimmed(text) -%}
    {{- return(adapter.dispatch('trimmed', 'tieout')(text)) -}}
{%- endmacro -%}

{%- macro default__trimmed(text) -%}
    nullif(trim({{ text }}, concat(' ', chr(9), chr(10), chr(13), chr(160))), '')
{%- endmacro -%}

{%- macro sqlserver__trimmed(text) -%}
    nullif(trim(concat(N' ', nchar(9), nchar(10), nchar(13), nchar(160)) from {{ text }}), N'')
{%- endmacro -%}
