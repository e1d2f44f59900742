with

settings as (

    select * from {{ ref('int_run_settings') }}

),

daily_backlog as (

    select * from {{ ref('int_support_daily_backlog') }}

),

final as (

    select
        cast(daily_backlog.backlog_day as date) as day,
        cast(daily_backlog.created as integer) as created,
        cast(daily_backlog.resolved as integer) as resolved,
        cast(daily_backlog.created - daily_backlog.resolved as integer) as net_change,
        cast(daily_backlog.open_backlog as integer) as open_backlog
    from daily_backlog
    cross join settings
    where
        daily_backlog.dimension = 'total'
        and daily_backlog.backlog_day <= settings.as_of_date
        and {{ days_between('daily_backlog.backlog_day', 'settings.as_of_date') }} < settings.kpi_window_days

)

select * from final
