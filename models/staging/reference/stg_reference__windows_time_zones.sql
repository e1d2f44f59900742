with

source as (

    select * from {{ ref('windows_time_zones') }}

),

cleaned as (

    select
        {{ trimmed('iana_timezone') }} as iana_timezone,
        {{ match_key('iana_timezone') }} as zone_key,
        {{ trimmed('windows_timezone') }} as windows_timezone
    from source

)

select * from cleaned
