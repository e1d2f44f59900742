with

calendars as (

    select * from {{ ref('int_business_calendars') }}

),

opening_windows as (

    select * from {{ ref('stg_reference__business_calendars') }}

),

time_zones as (

    select * from {{ ref('int_calendar_time_zones') }}

),

numbers as (

    select * from {{ ref('int_numbers') }}

),

zone_ranges as (

    select
        time_zones.zone_key,
        time_zones.engine_timezone,
        {{ add_days('min(calendars.laid_out_from)', -3) }} as first_day,
        {{ add_days('max(calendars.laid_out_to)', 3) }} as last_day
    from opening_windows
    inner join time_zones on opening_windows.zone_key = time_zones.zone_key
    inner join calendars on opening_windows.calendar_key = calendars.calendar_key
    group by time_zones.zone_key, time_zones.engine_timezone

),

midnights as (

    select
        zone_ranges.zone_key,
        zone_ranges.engine_timezone,
        cast({{ add_days('zone_ranges.first_day', 'numbers.number') }} as {{ dbt.type_timestamp() }}) as midnight_at
    from zone_ranges
    inner join numbers on numbers.number <= {{ days_between('zone_ranges.first_day', 'zone_ranges.last_day') }}

),

midnight_offsets as (

    select
        zone_key,
        engine_timezone,
        midnight_at,
        {{ seconds_between('midnight_at', utc_to_local('midnight_at', 'engine_timezone')) }} as offset_seconds
    from midnights

),

days as (

    select
        *,
        lead(offset_seconds) over (partition by zone_key order by midnight_at) as next_offset_seconds,
        row_number() over (partition by zone_key order by midnight_at) as day_number
    from midnight_offsets

),

hours as (

    select
        days.zone_key,
        days.engine_timezone,
        {{ add_seconds('days.midnight_at', '3600 * numbers.number') }} as hour_at,
        {{ add_seconds('days.midnight_at', '3600 * numbers.number + 3600') }} as next_hour_at
    from days
    inner join numbers on numbers.number between 0 and 23
    where days.next_offset_seconds <> days.offset_seconds

),

changing_hours as (

    select
        zone_key,
        engine_timezone,
        hour_at
    from hours
    where
        {{ seconds_between('hour_at', utc_to_local('hour_at', 'engine_timezone')) }}
        <> {{ seconds_between('next_hour_at', utc_to_local('next_hour_at', 'engine_timezone')) }}

),

minutes as (

    select
        changing_hours.zone_key,
        changing_hours.engine_timezone,
        {{ add_seconds('changing_hours.hour_at', '60 * numbers.number') }} as minute_at,
        {{ add_seconds('changing_hours.hour_at', '60 * numbers.number + 60') }} as next_minute_at
    from changing_hours
    inner join numbers on numbers.number between 0 and 59

),

minute_offsets as (

    select
        zone_key,
        next_minute_at,
        {{ seconds_between('minute_at', utc_to_local('minute_at', 'engine_timezone')) }} as offset_seconds,
        {{ seconds_between('next_minute_at', utc_to_local('next_minute_at', 'engine_timezone')) }}
            as next_offset_seconds
    from minutes

),

offset_changes as (

    select
        zone_key,
        midnight_at as valid_from_at,
        offset_seconds
    from days
    where day_number = 1

    union all

    select
        zone_key,
        next_minute_at as valid_from_at,
        next_offset_seconds as offset_seconds
    from minute_offsets
    where next_offset_seconds <> offset_seconds

),

intervals as (

    select
        offset_changes.zone_key,
        offset_changes.valid_from_at,
        coalesce(
            lead(offset_changes.valid_from_at) over (
                partition by offset_changes.zone_key order by offset_changes.valid_from_at
            ),
            {{ add_seconds('cast(zone_ranges.last_day as ' ~ dbt.type_timestamp() ~ ')', 86400) }}
        ) as valid_to_at,
        offset_changes.offset_seconds
    from offset_changes
    inner join zone_ranges on offset_changes.zone_key = zone_ranges.zone_key

)

select * from intervals
