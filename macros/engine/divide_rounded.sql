{#- numerator / denominator as a decimal, exact and rounded half away from zero; null where the denominator is 0.
    Decimal division is a float on DuckDB and loses digits on SQL Server, so both sides become whole numbers
    (8 decimals are kept) and the quotient is floor((2n + d) / 2d), with the sign put back. -#}
{%- macro divide_rounded(numerator, denominator, decimals=2, type='decimal(18, 2)') -%}
    {%- set n = tieout.scaled_magnitude(numerator) -%}
    {%- set d = tieout.scaled_magnitude(denominator) -%}
    {%- set quotient = tieout.whole_quotient('2 * ' ~ n ~ ' * ' ~ 10 ** decimals ~ ' + ' ~ d, '2 * ' ~ d) -%}
    cast(
        case
            when ({{ denominator }}) = 0 then null
            else
                cast({{ quotient }} as decimal(28, 0))
                * cast({{ '%.*f' | format(decimals, 10 ** -decimals) }} as decimal(9, {{ decimals }}))
                * sign({{ numerator }}) * sign({{ denominator }})
        end as {{ type }}
    )
{%- endmacro -%}

{#- |value| x 10^8 as a whole number wide enough for money. -#}
{%- macro scaled_magnitude(value) -%}
    {{- return(adapter.dispatch('scaled_magnitude', 'tieout')(value)) -}}
{%- endmacro -%}

{%- macro default__scaled_magnitude(value) -%}
    cast(abs(cast({{ value }} as decimal(28, 8))) * cast(100000000 as decimal(9, 0)) as decimal(36, 0))
{%- endmacro -%}

{%- macro duckdb__scaled_magnitude(value) -%}
    cast(abs(cast({{ value }} as decimal(28, 8))) * cast(100000000 as decimal(9, 0)) as hugeint)
{%- endmacro -%}

{#- The whole part of a quotient of two whole numbers. -#}
{%- macro whole_quotient(numerator, denominator) -%}
    {{- return(adapter.dispatch('whole_quotient', 'tieout')(numerator, denominator)) -}}
{%- endmacro -%}

{%- macro default__whole_quotient(numerator, denominator) -%}
    (({{ numerator }}) - ({{ numerator }}) % nullif({{ denominator }}, 0)) / nullif({{ denominator }}, 0)
{%- endmacro -%}

{%- macro duckdb__whole_quotient(numerator, denominator) -%}
    ({{ numerator }}) // nullif({{ denominator }}, 0)
{%- endmacro -%}
