{#- How codes and keys are compared: trimmed and case-blind. -#}
{%- macro match_key(text) -%}
    upper({{ trimmed(text) }})
{%- endmacro -%}
