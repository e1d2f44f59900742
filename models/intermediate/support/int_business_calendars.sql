with

settings as (

    select * from {{ ref('int_run_settings') }}

),

opening_windows as (

    select * from {{ ref('stg_reference__business_calendars') }}

),

holidays as (

    select * from {{ ref('stg_reference__calendar_holidays') }}

),

time_zones as (

    select * from {{ ref('int_calendar_time_zones') }}

),

choices as (

    select * from {{ ref('int_support_target_choices') }}

),

cases as (

    select * from {{ ref('stg_support__support_cases') }}

),

window_prints as (

    select
        opening_windows.calendar_key,
        opening_windows.calendar_id,
        opening_windows.iso_weekday,
        opening_windows.open_minutes,
        {{ row_hash([
            'time_zones.engine_timezone', 'opening_windows.iso_weekday', 'opening_windows.opens_minute',
            'opening_windows.closes_minute'
        ]) }} % 1099511627776 as window_hash
    from opening_windows
    inner join time_zones on opening_windows.zone_key = time_zones.zone_key
    where opening_windows.calendar_key is not null

),

weekdays as (

    select
        calendar_key,
        min({{ sort_key('calendar_id') }}) as calendar_id,
        max(open_minutes) as open_minutes,
        sum(window_hash) as weekday_hash
    from window_prints
    group by calendar_key, iso_weekday

),

weeks as (

    select
        calendar_key,
        min({{ sort_key('calendar_id') }}) as calendar_id,
        sum(open_minutes) as weekly_open_minutes,
        sum(weekday_hash) as week_hash
    from weekdays
    group by calendar_key

),

holiday_prints as (

    select
        calendar_key,
        {{ row_hash(['holiday_on']) }} % 1099511627776 as holiday_hash
    from holidays
    where holiday_on is not null

),

holiday_totals as (

    select
        calendar_key,
        count(*) as holiday_count,
        sum(holiday_hash) as holiday_hash
    from holiday_prints
    group by calendar_key

),

uses as (

    select
        calendar_key,
        min(created_on) as first_used_on,
        max(target_minutes) as longest_target_minutes
    from choices
    group by calendar_key

),

moments as (

    select created_at as moment from cases
    union all
    select first_responded_at as moment from cases
    union all
    select resolved_at as moment from cases
    union all
    select closed_at as moment from cases

),

latest_moments as (

    select max(moment) as latest_moment
    from moments
    where {{ within_calendar_bounds('moment') }}

),

-- Weeks until the longest target is surely used up: a tenth more for the hours that clocks going forward take, and a
-- week for every holiday, as it may fall on the only open day of its week. 92 years at most.
needs as (

    select
        weeks.calendar_key,
        weeks.calendar_id,
        weeks.weekly_open_minutes,
        coalesce(holiday_totals.holiday_count, 0) as holiday_count,
        coalesce(uses.longest_target_minutes, 0) as longest_target_minutes,
        coalesce(uses.first_used_on, settings.as_of_date) as first_used_on,
        case
            when latest_moments.latest_moment > settings.as_of then cast(latest_moments.latest_moment as date)
            else settings.as_of_date
        end as last_used_on,
        cast(
            coalesce(uses.longest_target_minutes * 1.1 / nullif(weeks.weekly_open_minutes, 0), 0)
            + coalesce(holiday_totals.holiday_count, 0)
            + 5
            as decimal(18, 2)
        ) as weeks_ahead,
        {{ row_hash(['weeks.week_hash', 'holiday_totals.holiday_hash', 'holiday_totals.holiday_count']) }}
            as definition_hash
    from weeks
    cross join settings
    cross join latest_moments
    left join holiday_totals on weeks.calendar_key = holiday_totals.calendar_key
    left join uses on weeks.calendar_key = uses.calendar_key

),

ranges as (

    select
        calendar_key,
        calendar_id,
        weekly_open_minutes,
        holiday_count,
        longest_target_minutes,
        case when first_used_on > last_used_on then last_used_on else first_used_on end as laid_out_from,
        {{ add_days(
            'last_used_on', 'case when weeks_ahead > 4800 then 33600 else 7 * cast(weeks_ahead as integer) end'
        ) }} as laid_out_to,
        definition_hash
    from needs

)

select * from ranges
