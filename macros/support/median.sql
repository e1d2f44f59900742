{#- The median, portably: percentile_cont is a window function on SQL Server, an aggregate elsewhere. Rows are numbered by
    the value; the middle one, or the two beside the middle, give a whole number of twice the median, so that no half is
    ever rounded. As an aggregate, or over a window where one is given. -#}
{%- macro twice_median(value, row_number, row_count, over='') -%}
    {%- set middle -%}
        case
            when 2 * {{ row_number }} between {{ row_count }} and {{ row_count }} + 2
                then {{ value }}
        end
    {%- endset -%}
    min(
        {{ middle }}
    ) {{ over }}
    + max(
        {{ middle }}
    ) {{ over }}
{%- endmacro -%}
