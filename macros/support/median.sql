{#- The median of a group, portably: percentile_cont is a window function on SQL Server, an aggregate elsewhere. Number the
    rows of the group by the value, keep those where median_rows holds (the middle one, or the two beside the middle),
    and aggregate what is left: a whole number of twice the median, so that no half is ever rounded. -#}
{%- macro median_rows(row_number, row_count) -%}
    2 * {{ row_number }} between {{ row_count }} and {{ row_count }} + 2
{%- endmacro -%}

{%- macro twice_median(value) -%}
    sum({{ value }}) * (3 - count(*))
{%- endmacro -%}
