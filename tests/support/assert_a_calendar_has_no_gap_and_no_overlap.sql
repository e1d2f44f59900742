-- A failure means that business time is counted wrongly for every case of the calendar named below: its stretches leave
-- a gap, overlap or do not add up. Look at its rows in business_calendars first, then at int_calendar_segments.
with

segments as (

    select * from {{ ref('int_calendar_segments') }}

),

calendars as (

    select * from {{ ref('int_business_calendars') }}

),

neighbours as (

    select
        calendar_key,
        segment_starts_at,
        segment_ends_at,
        open_seconds_before + open_seconds as open_seconds_after,
        lead(segment_starts_at) over (partition by calendar_key order by segment_starts_at) as next_starts_at,
        lead(open_seconds_before) over (partition by calendar_key order by segment_starts_at)
            as next_open_seconds_before
    from segments

),

lengths as (

    select
        calendars.calendar_key,
        max({{ days_between('calendars.laid_out_from', 'calendars.laid_out_to') }} + 1) * 86400 as expected_seconds,
        sum({{ seconds_between('segments.segment_starts_at', 'segments.segment_ends_at') }}) as seconds_laid_out
    from calendars
    left join segments on calendars.calendar_key = segments.calendar_key
    group by calendars.calendar_key

),

broken as (

    select
        calendar_key,
        'the next stretch does not follow' as problem
    from neighbours
    where
        segment_starts_at >= segment_ends_at
        or next_starts_at <> segment_ends_at
        or next_open_seconds_before <> open_seconds_after

    union all

    select
        calendar_key,
        'the stretches do not cover the days laid out' as problem
    from lengths
    where seconds_laid_out is null or seconds_laid_out <> expected_seconds

)

select * from broken
