{#- Whether a month of the schedule is booked at as_of: its deal is, and no cancellation before it has been reached.
    Each side of a comparison from one table: with an `or` between, an engine would try the pairs one by one. -#}
{%- macro is_booked(schedule, settings) -%}
coalesce({{ schedule }}.booked_on, cast('1900-01-01' as date)) <= {{ settings }}.as_of_date
        and case
            when {{ schedule }}.revenue_month <= {{ schedule }}.cancelled_on then cast('9999-12-31' as date)
            else coalesce({{ schedule }}.cancelled_on, cast('9999-12-31' as date))
        end > {{ settings }}.as_of_date
{%- endmacro -%}
