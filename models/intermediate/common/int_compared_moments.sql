with

settings as (

    select * from {{ ref('int_run_settings') }}

),

distances as (

    select 0 as days_back
    union all
    select 1 as days_back
    union all
    select 7 as days_back
    union all
    select 14 as days_back
    union all
    select 21 as days_back
    union all
    select 28 as days_back

),

moments as (

    select
        distances.days_back,
        {{ add_seconds('settings.as_of', '-86400 * distances.days_back') }} as moment_at,
        {{ add_days('settings.as_of_date', '-1 * distances.days_back') }} as moment_on
    from settings
    cross join distances

)

select * from moments
