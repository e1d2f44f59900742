with

calendars as (

    select * from {{ ref('stg_reference__business_calendars') }}

),

windows_time_zones as (

    select * from {{ ref('stg_reference__windows_time_zones') }}

),

zones as (

    select
        zone_key,
        min({{ sort_key('iana_timezone') }}) as iana_timezone
    from calendars
    where zone_key is not null
    group by zone_key

),

named as (

    select
        zones.zone_key,
        coalesce(windows_time_zones.iana_timezone, zones.iana_timezone) as iana_timezone,
        {{ engine_timezone(
            'coalesce(windows_time_zones.iana_timezone, zones.iana_timezone)', 'windows_time_zones.windows_timezone'
        ) }} as engine_timezone
    from zones
    left join windows_time_zones on zones.zone_key = windows_time_zones.zone_key

)

select * from named
