{#- An amount for people, with pennies and thousands set apart: 1,234,567.80. The engines' own formats know no common
    pattern, and some of them count in floats; taking the digits apart is exact on all. -#}
{%- macro amount_text(amount) -%}
    {%- set digits = 'cast(cast(abs(' ~ amount ~ ') as decimal(18, 2)) as nvarchar(20))' -%}
    concat(
        case when {{ amount }} < 0 then '-' else '' end,
        case
            {%- for groups in range(6) %}
            when len({{ digits }}) <= {{ 3 * groups + 6 }} then concat(
                left({{ digits }}, len({{ digits }}) - {{ 3 * groups + 3 }}),
                {%- for group in range(groups, 0, -1) %}
                ',', substring({{ digits }}, len({{ digits }}) - {{ 3 * group + 2 }}, 3),
                {%- endfor %}
                right({{ digits }}, 3)
            )
            {%- endfor %}
        end
    )
{%- endmacro -%}
