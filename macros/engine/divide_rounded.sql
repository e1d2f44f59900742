{#- numerator / denominator as a decimal, exact and rounded half away from zero; null where the denominator is 0.
    Decimal division is a float on DuckDB and loses digits on SQL Server, so both sides become whole numbers
    (8 decimals are kept) and the quotient is floor((2n + d) / 2d), with the sign put back. -#}
{%- macro divide_rounded(numerator, denominator, decimals=2, type='decimal(18, 2)') -%}
    {{- return(adapter.dispatch('divide_rounded', 'tieout')(numerator, denominator, decimals, type)) -}}
{%- endmacro -%}

{%- macro default__divide_rounded(numerator, denominator, decimals, type) -%}
    cast(
        case
            when ({{ denominator }}) = 0 then null
            else {{ tieout.wide_quotient(numerator, denominator, decimals) }}
        end as {{ type }}
    )
{%- endmacro -%}

{#- Wide whole numbers divide forty times slower there than those of 64 bits, into which nearly all figures fit: hundredths
    on both sides, and no more digits than 2n x 10^decimals leaves room for. -#}
{%- macro duckdb__divide_rounded(numerator, denominator, decimals, type) -%}
    {%- set most = 10 ** [15 - decimals, 13] | min -%}
    {%- set n = 'abs(cast(cast(' ~ numerator ~ ' as decimal(18, 2)) * 100 as bigint))' -%}
    {%- set d = 'abs(cast(cast(' ~ denominator ~ ' as decimal(18, 2)) * 100 as bigint))' -%}
    cast(
        case
            when ({{ denominator }}) = 0 then null
            when
                abs({{ numerator }}) < {{ most }} and abs({{ denominator }}) < {{ most }}
                and try_cast({{ numerator }} as decimal(18, 2)) = ({{ numerator }})
                and try_cast({{ denominator }} as decimal(18, 2)) = ({{ denominator }})
                then
                    cast((2 * {{ n }} * {{ 10 ** decimals }} + {{ d }}) // nullif(2 * {{ d }}, 0) as decimal(18, 0))
                    * cast({{ '%.*f' | format(decimals, 10 ** -decimals) }} as decimal(9, {{ decimals }}))
                    * sign({{ numerator }}) * sign({{ denominator }})
            else {{ tieout.wide_quotient(numerator, denominator, decimals) }}
        end as {{ type }}
    )
{%- endmacro -%}

{%- macro wide_quotient(numerator, denominator, decimals) -%}
    {%- set n = tieout.scaled_magnitude(numerator) -%}
    {%- set d = tieout.scaled_magnitude(denominator) -%}
    {%- set quotient = tieout.whole_quotient('2 * ' ~ n ~ ' * ' ~ 10 ** decimals ~ ' + ' ~ d, '2 * ' ~ d) -%}
    cast({{ quotient }} as decimal(28, 0))
    * cast({{ '%.*f' | format(decimals, 10 ** -decimals) }} as decimal(9, {{ decimals }}))
    * sign({{ numerator }}) * sign({{ denominator }})
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
