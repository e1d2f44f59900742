with

seed as (

    select * from {{ ref('fx_rates') }}

),

cleaned as (

    select
        {{ match_key('currency_code') }} as currency_code,
        {{ month_start('month') }} as rate_month,
        rate_to_reporting
    from seed

),

usable as (

    select * from cleaned
    where
        currency_code is not null
        and rate_month is not null
        and rate_to_reporting > 0

)

select * from usable
