{#- A decimal rounded to pennies, half away from zero: every engine's round() does so on decimals, none on floats. -#}
{%- macro round_money(amount) -%}
    cast(round({{ amount }}, 2) as decimal(18, 2))
{%- endmacro -%}
