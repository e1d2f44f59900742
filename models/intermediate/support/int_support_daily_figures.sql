with

settings as (

    select * from {{ ref('int_run_settings') }}

),

moments as (

    select * from {{ ref('int_compared_moments') }}

),

cases as (

    select * from {{ ref('int_support_cases') }}

),

daily_backlog as (

    select * from {{ ref('int_support_daily_backlog') }}

),

case_sla as (

    select * from {{ ref('fct_support_case_sla') }}

),

past_standings as (

    select * from {{ ref('int_support_past_standings') }}

),

first_cases as (

    select min(created_at) as first_created_at
    from cases

),

moments_of_the_feed as (

    select moments.*
    from moments
    inner join first_cases on moments.days_back = 0 or moments.moment_at >= first_cases.first_created_at

),

volumes as (

    select
        moments.days_back,
        sum(case when cast(cases.created_at as date) = moments.moment_on then 1 else 0 end) as created,
        sum(
            case
                when cast(cases.resolution_at as date) = moments.moment_on and cases.resolution_at <= moments.moment_at
                    then 1
                else 0
            end
        ) as resolved,
        sum(case when cases.resolution_at <= moments.moment_at then 0 else 1 end) as open_backlog
    from moments_of_the_feed as moments
    inner join cases on moments.moment_at >= cases.created_at
    group by moments.days_back

),

baselines as (

    select
        moments.days_back,
        count(*) as baseline_days,
        sum(cast(daily_backlog.open_backlog as bigint)) as baseline_total
    from moments
    cross join settings
    inner join daily_backlog
        on
            daily_backlog.dimension = 'total'
            and moments.moment_on > daily_backlog.backlog_day
            and {{ days_between('daily_backlog.backlog_day', 'moments.moment_on') }} <= settings.backlog_baseline_days
    group by moments.days_back

),

promises_kept as (

    select
        moments.days_back,
        sum(case when case_sla.metric = 'first_response' and case_sla.sla_status = 'met' then 1 else 0 end)
            as first_response_met,
        sum(case when case_sla.metric = 'first_response' and case_sla.sla_status <> 'no_target' then 1 else 0 end)
            as first_response_judged,
        sum(case when case_sla.metric = 'resolution' and case_sla.sla_status = 'met' then 1 else 0 end)
            as resolution_met,
        sum(case when case_sla.metric = 'resolution' and case_sla.sla_status <> 'no_target' then 1 else 0 end)
            as resolution_judged
    from moments
    cross join settings
    inner join case_sla
        on
            moments.moment_at >= case_sla.finished_at
            and {{ add_seconds('moments.moment_at', '-86400 * settings.kpi_window_days') }} < case_sla.finished_at
    group by moments.days_back

),

standings as (

    select
        days_back,
        at_risk_count,
        open_breached_count
    from past_standings

    union all

    select
        0 as days_back,
        sum(case when sla_status = 'open_at_risk' then 1 else 0 end) as at_risk_count,
        sum(case when sla_status = 'open_breached' then 1 else 0 end) as open_breached_count
    from case_sla

),

figures_at_moments as (

    select
        moments.days_back,
        coalesce(volumes.created, 0) as support_cases_created,
        coalesce(volumes.resolved, 0) as support_cases_resolved,
        coalesce(volumes.created, 0) - coalesce(volumes.resolved, 0) as support_backlog_net_change,
        coalesce(volumes.open_backlog, 0) as support_open_backlog,
        {{ ratio(
            'coalesce(volumes.open_backlog, 0) * baselines.baseline_days - baselines.baseline_total',
            'baselines.baseline_total'
        ) }} as support_backlog_growth_pct,
        coalesce(standings.at_risk_count, 0) as support_cases_at_risk,
        coalesce(standings.open_breached_count, 0) as support_open_breaches,
        {{ ratio('promises_kept.first_response_met', 'promises_kept.first_response_judged') }}
            as support_first_response_compliance_pct,
        {{ ratio('promises_kept.resolution_met', 'promises_kept.resolution_judged') }}
            as support_resolution_compliance_pct
    from moments_of_the_feed as moments
    left join volumes on moments.days_back = volumes.days_back
    left join baselines on moments.days_back = baselines.days_back
    left join promises_kept on moments.days_back = promises_kept.days_back
    left join standings on moments.days_back = standings.days_back

),

compared as (

    select
        {{- compared_figures({
            'support_cases_created': 1,
            'support_cases_resolved': 1,
            'support_backlog_net_change': 1,
            'support_open_backlog': 1,
            'support_backlog_growth_pct': 6,
            'support_cases_at_risk': 1,
            'support_open_breaches': 1,
            'support_first_response_compliance_pct': 6,
            'support_resolution_compliance_pct': 6,
        }) }}
    from figures_at_moments

)

select * from compared
