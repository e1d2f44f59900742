{#- Day of the week of a date: Monday 1 to Sunday 7. 1900-01-01 was a Monday, so no engine setting matters. -#}
{%- macro iso_weekday(day) -%}
    (({{ days_between("cast('1900-01-01' as date)", day) }}) % 7 + 7) % 7 + 1
{%- endmacro -%}
