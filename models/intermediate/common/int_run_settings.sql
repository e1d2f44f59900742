with

settings as (

    select
        {{ as_of_literal() }} as as_of,
        cast('{{ var("reporting_currency") }}' as nvarchar(3)) as reporting_currency,
        cast({{ var("rolling_months") }} as integer) as rolling_months,
        cast({{ var("sla_risk_threshold") }} as decimal(9, 4)) as sla_risk_threshold,
        cast({{ var("backlog_spike_threshold") }} as decimal(9, 4)) as backlog_spike_threshold,
        cast({{ var("backlog_baseline_days") }} as integer) as backlog_baseline_days,
        cast({{ var("kpi_window_days") }} as integer) as kpi_window_days,
        cast({{ var("variance_tolerance") }} as decimal(9, 4)) as variance_tolerance,
        cast({{ var("quality_score_threshold") }} as decimal(9, 4)) as quality_score_threshold,
        cast({{ var("breach_outlook_hours") }} as integer) as breach_outlook_hours,
        cast({{ var("backlog_history_days") }} as integer) as backlog_history_days,
        cast({{ var("anomaly_baseline_weeks") }} as integer) as anomaly_baseline_weeks,
        cast({{ var("anomaly_score_threshold") }} as decimal(9, 4)) as anomaly_score_threshold

),

with_days as (

    select
        *,
        cast(as_of as date) as as_of_date,
        {{ month_start('as_of') }} as as_of_month
    from settings

)

select * from with_days
