with

settings as (

    select * from {{ ref('int_run_settings') }}

),

daily_backlog as (

    select * from {{ ref('int_support_daily_backlog') }}

),

cases as (

    select * from {{ ref('int_support_cases') }}

),

-- Before the first case of the feed there was no backlog, not one of 0.
first_cases as (

    select min(cast(cases.created_at as date)) as first_day
    from cases
    cross join settings
    where cases.created_at <= settings.as_of

),

days as (

    select
        daily_backlog.dimension,
        daily_backlog.dimension_value,
        daily_backlog.backlog_day,
        daily_backlog.created,
        daily_backlog.resolved,
        daily_backlog.open_backlog,
        settings.anomaly_baseline_weeks,
        settings.anomaly_score_threshold
    from daily_backlog
    inner join settings
        on
            settings.backlog_history_days
            > {{ days_between('daily_backlog.backlog_day', 'settings.as_of_date') }}

),

weekdays_before as (

    select
        days.dimension,
        days.dimension_value,
        days.backlog_day,
        cast(days.open_backlog as bigint) as open_backlog,
        cast(earlier.open_backlog as bigint) as open_backlog_before,
        row_number() over (
            partition by days.dimension, days.dimension_value, days.backlog_day
            order by earlier.open_backlog, earlier.backlog_day
        ) as value_number,
        count(*) over (partition by days.dimension, days.dimension_value, days.backlog_day) as value_count
    from days
    inner join daily_backlog as earlier
        on
            days.dimension = earlier.dimension
            and days.dimension_value = earlier.dimension_value
            and {{ days_between('earlier.backlog_day', 'days.backlog_day') }}
            between 7 and 7 * days.anomaly_baseline_weeks
            and {{ days_between('earlier.backlog_day', 'days.backlog_day') }} % 7 = 0
    inner join first_cases on earlier.backlog_day >= first_cases.first_day

),

with_medians as (

    select
        *,
        {{ twice_median(
            'open_backlog_before', 'value_number', 'value_count', 'over (partition by dimension, dimension_value, backlog_day)'
        ) }} as twice_the_median
    from weekdays_before

),

with_deviations as (

    select
        *,
        abs(2 * open_backlog_before - twice_the_median) as twice_the_deviation,
        row_number() over (
            partition by dimension, dimension_value, backlog_day
            order by abs(2 * open_backlog_before - twice_the_median), value_number
        ) as deviation_number
    from with_medians

),

baselines as (

    select
        dimension,
        dimension_value,
        backlog_day,
        max(value_count) as value_count,
        max(twice_the_median) as twice_the_median,
        {{ twice_median(
            'twice_the_deviation', 'deviation_number', 'value_count'
        ) }} as four_times_the_deviation
    from with_deviations
    group by dimension, dimension_value, backlog_day

),

-- Counts are whole, so a spread below one case is taken as one; a verdict needs half of the baseline's weeks.
measured as (

    select
        days.*,
        coalesce(baselines.value_count, 0) as baseline_days,
        baselines.twice_the_median,
        baselines.four_times_the_deviation,
        case
            when 2 * baselines.value_count >= days.anomaly_baseline_weeks
                then 2 * cast(days.open_backlog as bigint) - baselines.twice_the_median
        end as twice_the_distance,
        case
            when baselines.four_times_the_deviation < 4 then 4
            else baselines.four_times_the_deviation
        end as four_times_the_spread
    from days
    left join baselines
        on
            days.dimension = baselines.dimension
            and days.dimension_value = baselines.dimension_value
            and days.backlog_day = baselines.backlog_day

),

scored as (

    select
        *,
        {{ divide_rounded('1349 * twice_the_distance', '1000 * four_times_the_spread', 4, 'decimal(18, 4)') }}
            as anomaly_score
    from measured

),

final as (

    select
        cast(backlog_day as date) as day,
        cast(dimension as nvarchar(20)) as dimension,
        cast(dimension_value as nvarchar(255)) as dimension_value,
        cast(created as integer) as created,
        cast(resolved as integer) as resolved,
        cast(open_backlog as integer) as open_backlog,
        cast(baseline_days as integer) as baseline_days,
        cast({{ divide_rounded('twice_the_median', '2', 1, 'decimal(18, 1)') }} as decimal(18, 1)) as median_backlog,
        cast({{ divide_rounded('four_times_the_deviation', '4', 2, 'decimal(18, 2)') }} as decimal(18, 2))
            as median_absolute_deviation,
        cast(anomaly_score as decimal(18, 4)) as anomaly_score,
        {{ as_flag('case when abs(anomaly_score) > anomaly_score_threshold then 1 else 0 end') }} as is_anomaly
    from scored

)

select * from final
