with

settings as (

    select * from {{ ref('int_run_settings') }}

),

case_sla as (

    select * from {{ ref('fct_support_case_sla') }}

),

finished_in_window as (

    select
        case_sla.priority,
        case_sla.region,
        case_sla.metric,
        case_sla.elapsed_seconds,
        case when case_sla.sla_status = 'met' then 1 else 0 end as is_met,
        case when case_sla.sla_status = 'breached' then 1 else 0 end as is_breached
    from case_sla
    cross join settings
    where
        case_sla.finished_at > {{ add_seconds('settings.as_of', '-86400 * settings.kpi_window_days') }}
        and case_sla.finished_at <= settings.as_of

),

totals as (

    select
        priority,
        region,
        metric,
        count(*) as case_count,
        sum(is_met) as met,
        sum(is_breached) as breached,
        sum(elapsed_seconds) as elapsed_seconds
    from finished_in_window
    group by priority, region, metric

),

final as (

    select
        cast(priority as nvarchar(255)) as priority,
        cast(region as nvarchar(255)) as region,
        cast(metric as nvarchar(20)) as metric,
        cast(case_count as integer) as case_count,
        cast(met as integer) as met,
        cast(breached as integer) as breached,
        cast({{ ratio('met', '(met + breached)') }} as decimal(28, 6)) as compliance_pct,
        cast({{ divide_rounded('elapsed_seconds', '(3600 * case_count)', 6, 'decimal(18, 6)') }} as decimal(18, 6))
            as mean_elapsed_hours
    from totals

)

select * from final
