with

settings as (

    select * from {{ ref('int_run_settings') }}

),

daily_backlog as (

    select * from {{ ref('int_support_daily_backlog') }}

),

baselines as (

    select
        daily_backlog.dimension,
        daily_backlog.dimension_value,
        count(*) as baseline_days,
        sum(cast(daily_backlog.open_backlog as bigint)) as baseline_total
    from daily_backlog
    cross join settings
    where
        daily_backlog.backlog_day < settings.as_of_date
        and {{ days_between('daily_backlog.backlog_day', 'settings.as_of_date') }} <= settings.backlog_baseline_days
    group by daily_backlog.dimension, daily_backlog.dimension_value

),

compared as (

    select
        daily_backlog.backlog_day,
        daily_backlog.dimension,
        daily_backlog.dimension_value,
        daily_backlog.open_backlog,
        baselines.baseline_days,
        baselines.baseline_total,
        daily_backlog.open_backlog * baselines.baseline_days - baselines.baseline_total as growth_total,
        settings.backlog_spike_threshold * baselines.baseline_total as growth_limit
    from daily_backlog
    inner join settings on daily_backlog.backlog_day = settings.as_of_date
    inner join baselines
        on
            daily_backlog.dimension = baselines.dimension
            and daily_backlog.dimension_value = baselines.dimension_value

),

final as (

    select
        cast(backlog_day as date) as day,
        cast(dimension as nvarchar(20)) as dimension,
        cast(dimension_value as nvarchar(255)) as dimension_value,
        cast(open_backlog as integer) as open_backlog,
        cast({{ divide_rounded('baseline_total', 'baseline_days', 6, 'decimal(18, 6)') }} as decimal(18, 6))
            as baseline_backlog,
        cast({{ ratio('growth_total', 'baseline_total') }} as decimal(28, 6)) as growth_pct,
        {{ as_flag('case when baseline_total > 0 and growth_total > growth_limit then 1 else 0 end') }}
            as is_spike
    from compared

)

select * from final
