{#- Whether a regular expression is found anywhere in a text, case-blind: a condition. -#}
{%- macro matches_pattern(text, pattern) -%}
    {{- return(adapter.dispatch('matches_pattern', 'tieout')(text, pattern)) -}}
{%- endmacro -%}

{%- macro default__matches_pattern(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }}, 'i')
{%- endmacro -%}

{%- macro snowflake__matches_pattern(text, pattern) -%}
    regexp_instr({{ text }}, {{ pattern }}, 1, 1, 0, 'i') > 0
{%- endmacro -%}

{%- macro sqlserver__matches_pattern(text, pattern) -%}
    regexp_like({{ text }}, {{ pattern }}, 'i')
{%- endmacro -%}
