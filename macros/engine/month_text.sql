{#- A month for people: 2026-04. -#}
{%- macro month_text(day) -%}
    left(cast({{ day }} as nvarchar(10)), 7)
{%- endmacro -%}
