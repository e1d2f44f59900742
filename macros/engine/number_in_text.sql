{#- The first number of one to three digits in an upper-case text that stands right after one of the words `before` and
    right before one of the words `after`, and not within a longer word or number; null where there is none. -#}
{%- macro number_in_text(text, before=[], after=[]) -%}
    {{- return(adapter.dispatch('number_in_text', 'tieout')(text, before, after)) -}}
{%- endmacro -%}

{%- macro default__number_in_text(text, before, after) -%}
    {%- set found = number_expression(before, after) -%}
    try_cast(nullif(regexp_extract({{ text }}, {{ text_literal(found.pattern) }}, {{ found.place }}), '') as integer)
{%- endmacro -%}

{%- macro snowflake__number_in_text(text, before, after) -%}
    {%- set found = number_expression(before, after) -%}
    try_cast(regexp_substr({{ text }}, {{ text_literal(found.pattern) }}, 1, 1, 'e', {{ found.place }}) as integer)
{%- endmacro -%}

{%- macro number_expression(before, after) -%}
    {%- set words = "({})" -%}
    {%- set pattern = '(^|[^A-Z0-9.,])' ~ (words.format(before | join('|')) if before else '') ~ '([1-9][0-9]?[0-9]?)'
        ~ (words.format(after | join('|')) if after else '') ~ '([^A-Z0-9]|$)' -%}
    {%- do return({'pattern': pattern, 'place': 3 if before else 2}) -%}
{%- endmacro -%}

{#- No regular expressions before 2025: every word with every number of digits is looked for, and the leftmost wins. -#}
{%- macro sqlserver__number_in_text(text, before, after) -%}
    {%- set padded = "concat(' ', " ~ text ~ ", ' ') collate Latin1_General_BIN2" -%}
    {%- set places = [] -%}
    {%- for word_before in before or [''] -%}
        {%- for word_after in after or [''] -%}
            {%- for digits in [1, 2, 3] -%}
                {%- set pattern = '%[^A-Z0-9.,]' ~ word_before ~ '[1-9]' ~ '[0-9]' * (digits - 1) ~ word_after ~ '[^A-Z0-9]%' -%}
                {%- do places.append(
                    '(patindex(' ~ text_literal(pattern) ~ ', ' ~ padded ~ '), ' ~ (word_before | length + 1) ~ ', ' ~ digits ~ ')'
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    (
            select top 1 cast(substring({{ padded }}, found.place + found.skipped, found.digits) as integer)
            from (values {{ places | join(', ') }}) as found (place, skipped, digits)
            where found.place > 0
            order by found.place
        )
{%- endmacro -%}
