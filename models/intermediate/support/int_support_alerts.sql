with

settings as (

    select * from {{ ref('int_run_settings') }}

),

at_risk_cases as (

    select * from {{ ref('sla_at_risk_cases') }}

),

backlog_spikes as (

    select * from {{ ref('backlog_spike_summary') }}

),

case_alerts as (

    select
        concat('support:sla_at_risk:', at_risk_cases.case_id, ':', at_risk_cases.metric) as alert_key,
        'sla_at_risk' as rule_name,
        case when at_risk_cases.priority = 'P1' then 'critical' else 'warning' end as severity,
        at_risk_cases.case_id as subject,
        cast(null as date) as period,
        concat('used_pct of ', at_risk_cases.metric) as measure,
        settings.sla_risk_threshold as threshold,
        at_risk_cases.used_pct as observed,
        concat(
            'Case ', at_risk_cases.case_id, ' (', at_risk_cases.priority, ', ', at_risk_cases.region, ') has used ',
            cast(cast(100 * at_risk_cases.used_pct as decimal(18, 1)) as nvarchar(30)), '% of its ',
            case when at_risk_cases.metric = 'resolution' then 'resolution' else 'first response' end,
            ' target; ', cast(cast(at_risk_cases.minutes_left as decimal(18, 0)) as nvarchar(30)),
            ' calendar minutes are left.'
        ) as message
    from at_risk_cases
    cross join settings

),

spike_alerts as (

    select
        'support:backlog_spike:open_backlog' as alert_key,
        'backlog_spike' as rule_name,
        'warning' as severity,
        'open_backlog' as subject,
        cast(null as date) as period,
        'growth_pct' as measure,
        settings.backlog_spike_threshold as threshold,
        backlog_spikes.growth_pct as observed,
        concat(
            'The open backlog is ', cast(backlog_spikes.open_backlog as nvarchar(20)), ' cases, ',
            cast(cast(100 * backlog_spikes.growth_pct as decimal(18, 1)) as nvarchar(30)), '% above the mean of ',
            cast(cast(backlog_spikes.baseline_backlog as decimal(18, 1)) as nvarchar(30)), ' of the ',
            cast(settings.backlog_baseline_days as nvarchar(10)), ' days before.'
        ) as message
    from backlog_spikes
    cross join settings
    where backlog_spikes.is_spike = {{ as_flag('1') }}

),

alerts as (

    select * from case_alerts

    union all

    select * from spike_alerts

),

typed as (

    select
        cast(lower(alert_key) as nvarchar(400)) as alert_key,
        cast('support' as nvarchar(20)) as domain,
        cast(rule_name as nvarchar(50)) as rule_name,
        cast(severity as nvarchar(20)) as severity,
        cast(subject as nvarchar(255)) as subject,
        cast(period as date) as period,
        cast(measure as nvarchar(50)) as measure,
        cast(threshold as decimal(18, 4)) as threshold,
        cast(observed as decimal(18, 4)) as observed,
        cast(message as nvarchar(1000)) as message
    from alerts

)

select * from typed
