{#- A fraction with six decimals, exact on every engine; null where the denominator is 0. -#}
{%- macro ratio(numerator, denominator) -%}
    {{ divide_rounded(numerator, denominator, 6, 'decimal(28, 6)') }}
{%- endmacro -%}
