{#- Open seconds of a calendar up to a moment, counted from the start of the calendar's timeline: the joined segment's
    running total plus what has passed of it. Business time from a to b is this at b less this at a. -#}
{%- macro open_seconds_at(segment, moment) -%}
    {{ segment }}.open_seconds_before
    + {{ segment }}.is_open * {{ seconds_between(segment ~ '.segment_starts_at', moment) }}
{%- endmacro -%}

{#- The segment of int_calendar_segments in which a moment lies: an equality on calendar and day, so that no row is ever
    multiplied into days. -#}
{%- macro segment_holds(segment, calendar_key, moment) -%}
    {{ segment }}.calendar_key = {{ calendar_key }}
            and {{ segment }}.utc_date = cast({{ moment }} as date)
            and {{ segment }}.segment_starts_at <= {{ moment }}
            and {{ segment }}.segment_ends_at > {{ moment }}
{%- endmacro -%}

{#- The bucket of 86,400 open seconds in which a running total lies; int_calendar_open_buckets is joined on it. -#}
{%- macro open_seconds_bucket(seconds) -%}
    cast((({{ seconds }}) - ({{ seconds }}) % 86400) / 86400 as bigint)
{%- endmacro -%}
