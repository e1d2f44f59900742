with

source as (

    select * from {{ ref('calendar_holidays') }}

),

cleaned as (

    select
        {{ trimmed('calendar_id') }} as calendar_id,
        {{ match_key('calendar_id') }} as calendar_key,
        holiday_on,
        {{ trimmed('name') }} as holiday_name
    from source

)

select * from cleaned
