with

calendars as (

    select * from {{ ref('int_business_calendars') }}

),

opening_windows as (

    select * from {{ ref('stg_reference__business_calendars') }}

),

holidays as (

    select * from {{ ref('stg_reference__calendar_holidays') }}

),

zone_offsets as (

    select * from {{ ref('int_calendar_zone_offsets') }}

),

numbers as (

    select * from {{ ref('int_numbers') }}

),

-- The days laid out, and two more on either side: the local date runs up to 14 hours ahead of UTC's or 12 behind it.
days as (

    select
        calendars.calendar_key,
        calendars.calendar_id,
        {{ add_days('calendars.laid_out_from', 'numbers.number - 2') }} as calendar_date,
        case
            when numbers.number < 2 then 0
            when
                numbers.number > {{ days_between('calendars.laid_out_from', 'calendars.laid_out_to') }} + 2
                then 0
            else 1
        end as is_laid_out
    from calendars
    inner join numbers
        on numbers.number <= {{ days_between('calendars.laid_out_from', 'calendars.laid_out_to') }} + 4

),

open_days as (

    select
        days.calendar_key,
        cast(days.calendar_date as {{ dbt.type_timestamp() }}) as local_midnight,
        {{ iso_weekday('days.calendar_date') }} as iso_weekday
    from days
    left join holidays
        on days.calendar_key = holidays.calendar_key and days.calendar_date = holidays.holiday_on
    where holidays.calendar_key is null

),

local_windows as (

    select
        open_days.calendar_key,
        opening_windows.zone_key,
        {{ add_seconds('open_days.local_midnight', '60 * opening_windows.opens_minute') }} as local_from,
        {{ add_seconds('open_days.local_midnight', '60 * opening_windows.closes_minute') }} as local_to
    from open_days
    inner join opening_windows
        on open_days.calendar_key = opening_windows.calendar_key and open_days.iso_weekday = opening_windows.iso_weekday
    where opening_windows.open_minutes > 0

),

-- In the hour that the clocks repeat, one local time belongs to two offsets and the window is open in both; in the hour
-- that they skip it belongs to none.
shifted as (

    select
        local_windows.calendar_key,
        zone_offsets.valid_from_at,
        zone_offsets.valid_to_at,
        {{ add_seconds('local_windows.local_from', '-1 * zone_offsets.offset_seconds') }} as utc_from,
        {{ add_seconds('local_windows.local_to', '-1 * zone_offsets.offset_seconds') }} as utc_to
    from local_windows
    inner join zone_offsets
        on
            local_windows.zone_key = zone_offsets.zone_key
            and {{ add_seconds('local_windows.local_from', -172800) }} < zone_offsets.valid_to_at
            and {{ add_seconds('local_windows.local_to', 172800) }} > zone_offsets.valid_from_at

),

pieces as (

    select
        calendar_key,
        case when utc_from > valid_from_at then utc_from else valid_from_at end as piece_from,
        case when utc_to < valid_to_at then utc_to else valid_to_at end as piece_to
    from shifted
    where utc_from < valid_to_at and utc_to > valid_from_at

),

cut_at_midnight as (

    select
        calendar_key,
        cast(piece_from as date) as utc_date,
        piece_from,
        case
            when cast(piece_to as date) = cast(piece_from as date) then piece_to
            else cast({{ add_days('cast(piece_from as date)', 1) }} as {{ dbt.type_timestamp() }})
        end as piece_to
    from pieces

    union all

    select
        calendar_key,
        cast(piece_to as date) as utc_date,
        cast(cast(piece_to as date) as {{ dbt.type_timestamp() }}) as piece_from,
        piece_to
    from pieces
    where
        cast(piece_to as date) > cast(piece_from as date)
        and piece_to > cast(cast(piece_to as date) as {{ dbt.type_timestamp() }})

),

-- Windows of one day may touch or overlap: they count once.
with_reach as (

    select
        *,
        max(piece_to) over (
            partition by calendar_key, utc_date
            order by piece_from, piece_to
            rows between unbounded preceding and 1 preceding
        ) as reached_before
    from cut_at_midnight

),

numbered as (

    select
        *,
        sum(case when piece_from <= reached_before then 0 else 1 end) over (
            partition by calendar_key, utc_date
            order by piece_from, piece_to
            rows between unbounded preceding and current row
        ) as opening_number
    from with_reach

),

openings as (

    select
        calendar_key,
        utc_date,
        min(piece_from) as opens_at,
        max(piece_to) as closes_at
    from numbered
    group by calendar_key, utc_date, opening_number

),

openings_in_days as (

    select
        days.calendar_key,
        days.calendar_id,
        days.calendar_date as utc_date,
        cast(days.calendar_date as {{ dbt.type_timestamp() }}) as day_starts_at,
        cast({{ add_days('days.calendar_date', 1) }} as {{ dbt.type_timestamp() }}) as day_ends_at,
        openings.opens_at,
        openings.closes_at,
        lag(openings.closes_at) over (
            partition by days.calendar_key, days.calendar_date order by openings.opens_at
        ) as closed_since,
        lead(openings.opens_at) over (
            partition by days.calendar_key, days.calendar_date order by openings.opens_at
        ) as opens_again_at
    from days
    left join openings
        on days.calendar_key = openings.calendar_key and days.calendar_date = openings.utc_date
    where days.is_laid_out = 1

),

segments as (

    select
        calendar_key,
        calendar_id,
        utc_date,
        opens_at as segment_starts_at,
        closes_at as segment_ends_at,
        1 as is_open
    from openings_in_days
    where opens_at is not null

    union all

    select
        calendar_key,
        calendar_id,
        utc_date,
        coalesce(closed_since, day_starts_at) as segment_starts_at,
        coalesce(opens_at, day_ends_at) as segment_ends_at,
        0 as is_open
    from openings_in_days
    where coalesce(closed_since, day_starts_at) < coalesce(opens_at, day_ends_at)

    union all

    select
        calendar_key,
        calendar_id,
        utc_date,
        closes_at as segment_starts_at,
        day_ends_at as segment_ends_at,
        0 as is_open
    from openings_in_days
    where closes_at < day_ends_at and opens_again_at is null

),

measured as (

    select
        *,
        is_open * {{ seconds_between('segment_starts_at', 'segment_ends_at') }} as open_seconds
    from segments

),

totalled as (

    select
        calendar_key,
        calendar_id,
        utc_date,
        segment_starts_at,
        segment_ends_at,
        is_open,
        cast(open_seconds as bigint) as open_seconds,
        cast(
            sum(open_seconds) over (
                partition by calendar_key order by segment_starts_at rows between unbounded preceding and current row
            ) - open_seconds
            as bigint
        ) as open_seconds_before
    from measured

)

select * from totalled
