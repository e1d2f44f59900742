{#- Whether a regular expression is found anywhere in a text, case-blind: a condition. The expression is given as it
    stands in the seed, with the id of its rule for the message where an engine cannot try it. -#}
{%- macro matches_pattern(text, pattern, rule_id) -%}
    {{- return(adapter.dispatch('matches_pattern', 'tieout')(text, pattern, rule_id)) -}}
{%- endmacro -%}

{%- macro default__matches_pattern(text, pattern, rule_id) -%}
    regexp_matches({{ text }}, {{ text_literal(pattern) }}, 'i')
{%- endmacro -%}

{%- macro snowflake__matches_pattern(text, pattern, rule_id) -%}
    regexp_instr({{ text }}, {{ text_literal(pattern) }}, 1, 1, 0, 'i') > 0
{%- endmacro -%}

{#- var sqlserver_regex: native (SQL Server 2025, Azure SQL) or like (any version, a part of the language only). -#}
{%- macro sqlserver__matches_pattern(text, pattern, rule_id) -%}
    {%- if var('sqlserver_regex') == 'native' -%}
        regexp_like({{ text }}, {{ text_literal(pattern) }}, 'i')
    {%- else -%}
        {{ like_condition(text, pattern, rule_id) }}
    {%- endif -%}
{%- endmacro -%}

{#- By code point: a collation would take other characters for the same, and its own order for [A-Z]. -#}
{%- macro like_condition(text, pattern, rule_id) -%}
    {%- set found, problems = [], [] -%}
    {%- do like_patterns(pattern, found, problems) -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error(
            "Rule " ~ rule_id ~ ": SQL Server cannot try the pattern " ~ pattern ~ " because of " ~ problems[0]
            ~ ". Write it without, or set the var sqlserver_regex to native on SQL Server 2025 or Azure SQL."
        ) -%}
    {%- endif -%}
    {%- set upper_text = 'upper(' ~ text ~ ' collate Latin1_General_BIN2)' -%}
    {%- set held_against = {
        'text': upper_text,
        'one_line': upper_text,
        'first_line': 'left(' ~ upper_text ~ ', charindex(nchar(10), concat(' ~ text ~ ', nchar(10))) - 1)',
        'last_line': 'right(' ~ upper_text ~ ', charindex(nchar(10), reverse(concat(nchar(10), ' ~ text ~ '))) - 1)',
        
    } -%}
    {%- set conditions = [] -%}
    {%- for way in found if way.scope != 'line' -%}
        {%- set condition = held_against[way.scope] ~ ' like ' ~ text_literal(way.pattern) -%}
        {%- if way.scope == 'one_line' -%}
            {%- set condition = '(' ~ condition ~ ' and charindex(nchar(10), ' ~ text ~ ') = 0)' -%}
        {%- endif -%}
        {%- do conditions.append(condition) -%}
    {%- endfor -%}
    {%- set in_a_line = [] -%}
    {%- for way in found if way.scope == 'line' -%}
        {%- do in_a_line.append('text_lines.value like ' ~ text_literal(way.pattern)) -%}
    {%- endfor -%}
    {%- if in_a_line -%}
        {%- do conditions.append(
            'exists (select 1 from string_split(' ~ upper_text ~ ', nchar(10)) as text_lines where '
            ~ in_a_line | join(' or ') ~ ')'
        ) -%}
    {%- endif -%}
    ({{ conditions | join('\n                    or ') }})
{%- endmacro -%}
