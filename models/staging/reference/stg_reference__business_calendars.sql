with

source as (

    select * from {{ ref('business_calendars') }}

),

-- Excel drops the leading zero of 09:00.
padded as (

    select
        {{ trimmed('calendar_id') }} as calendar_id,
        {{ match_key('calendar_id') }} as calendar_key,
        {{ trimmed('iana_timezone') }} as iana_timezone,
        {{ match_key('iana_timezone') }} as zone_key,
        iso_weekday,
        right(concat('0', {{ trimmed('opens_at') }}), 5) as opens_at,
        right(concat('0', {{ trimmed('closes_at') }}), 5) as closes_at
    from source

),

in_minutes as (

    select
        *,
        60 * {{ dbt.safe_cast('substring(opens_at, 1, 2)', 'integer') }}
        + {{ dbt.safe_cast('substring(opens_at, 4, 2)', 'integer') }} as opens_minute,
        60 * {{ dbt.safe_cast('substring(closes_at, 1, 2)', 'integer') }}
        + {{ dbt.safe_cast('substring(closes_at, 4, 2)', 'integer') }} as closes_minute
    from padded

),

measured as (

    select
        *,
        case
            when opens_minute >= 0 and closes_minute > opens_minute and closes_minute <= 1440
                then closes_minute - opens_minute
            else 0
        end as open_minutes
    from in_minutes

)

select * from measured
