{#- Columns of one row made of a CTE with a row per moment of int_compared_moments: each figure at as_of, `_yesterday` and
    `_weekday_mean`, the mean of the same weekday in the four weeks before, as far as there are rows for it.

    figures  {name: decimals of its mean} -#}
{%- macro compared_figures(figures) -%}
    {%- for name, decimals in figures.items() %}
        max(case when days_back = 0 then {{ name }} end) as {{ name }},
        max(case when days_back = 1 then {{ name }} end) as {{ name }}_yesterday,
        {{ divide_rounded(
            'sum(case when days_back >= 7 then ' ~ name ~ ' end)',
            'count(case when days_back >= 7 then ' ~ name ~ ' end)',
            decimals,
            'decimal(28, ' ~ decimals ~ ')'
        ) }} as {{ name }}_weekday_mean
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro -%}
