{#- Whether a row is the nearest-rank percentile of its group: the smallest value that at least `percent` of the rows do not
    exceed, so always the time of a case there was. percentile_cont is not the same on any two engines. -#}
{%- macro is_nearest_rank(percent, row_number, row_count) -%}
    100 * {{ row_number }} >= {{ percent }} * {{ row_count }}
            and 100 * ({{ row_number }} - 1) < {{ percent }} * {{ row_count }}
{%- endmacro -%}
