{#- Business calendars are laid out for 1900 to 2079 at most, and only as far as the cases need: a date of another
    century is a typing error or a stand-in for none (9999-12-31), and must not lay out a million days. -#}
{%- macro within_calendar_bounds(moment) -%}
    (
            {{ moment }} >= cast('1900-01-01' as {{ dbt.type_timestamp() }})
            and {{ moment }} < cast('2080-01-01' as {{ dbt.type_timestamp() }})
        )
{%- endmacro -%}
