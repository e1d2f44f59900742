with

settings as (

    select * from {{ ref('int_run_settings') }}

),

cases as (

    select * from {{ ref('int_support_cases') }}

),

open_cases as (

    select
        cases.region,
        cases.priority,
        case
            when cases.created_at >= {{ add_seconds('settings.as_of', -86400) }} then '0-24h'
            when cases.created_at >= {{ add_seconds('settings.as_of', -259200) }} then '24-72h'
            else '>72h'
        end as aging_bucket,
        {{ seconds_between('cases.created_at', 'settings.as_of') }} as age_seconds
    from cases
    cross join settings
    where
        cases.created_at <= settings.as_of
        and (cases.resolution_at is null or cases.resolution_at > settings.as_of)

),

totals as (

    select
        region,
        priority,
        aging_bucket,
        count(*) as open_cases,
        max(age_seconds) as oldest_age_seconds
    from open_cases
    group by region, priority, aging_bucket

),

final as (

    select
        cast(region as nvarchar(255)) as region,
        cast(priority as nvarchar(255)) as priority,
        cast(aging_bucket as nvarchar(10)) as aging_bucket,
        cast(open_cases as integer) as open_cases,
        cast({{ divide_rounded('oldest_age_seconds', '3600', 6, 'decimal(18, 6)') }} as decimal(18, 6))
            as oldest_age_hours
    from totals

)

select * from final
