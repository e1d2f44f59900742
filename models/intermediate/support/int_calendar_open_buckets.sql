with

segments as (

    select * from {{ ref('int_calendar_segments') }}

),

numbers as (

    select * from {{ ref('int_numbers') }}

),

open_segments as (

    select
        calendar_key,
        segment_starts_at,
        open_seconds_before,
        open_seconds_before + open_seconds as open_seconds_after
    from segments
    where is_open = 1

),

-- An open segment is a day long at most, so it touches two buckets at most.
buckets as (

    select
        open_segments.calendar_key,
        {{ open_seconds_bucket('open_segments.open_seconds_before') }} + numbers.number as open_bucket,
        open_segments.segment_starts_at,
        open_segments.open_seconds_before,
        open_segments.open_seconds_after
    from open_segments
    inner join numbers
        on
            numbers.number between 0 and 1
            and {{ open_seconds_bucket('open_segments.open_seconds_after - 1') }}
            >= {{ open_seconds_bucket('open_segments.open_seconds_before') }} + numbers.number

)

select * from buckets
