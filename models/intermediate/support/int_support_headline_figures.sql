with

settings as (

    select * from {{ ref('int_run_settings') }}

),

volume_trend as (

    select * from {{ ref('volume_trend') }}

),

backlog_spikes as (

    select * from {{ ref('backlog_spike_summary') }}

),

case_sla as (

    select * from {{ ref('fct_support_case_sla') }}

),

sla_summary as (

    select * from {{ ref('sla_summary') }}

),

sla_status as (

    select
        coalesce(sum(case when sla_status = 'open_at_risk' then 1 else 0 end), 0) as at_risk_count,
        coalesce(sum(case when sla_status = 'open_breached' then 1 else 0 end), 0) as open_breached_count
    from case_sla

),

compliance as (

    select
        sum(case when metric = 'first_response' then met else 0 end) as first_response_met,
        sum(case when metric = 'first_response' then met + breached else 0 end) as first_response_judged,
        sum(case when metric = 'resolution' then met else 0 end) as resolution_met,
        sum(case when metric = 'resolution' then met + breached else 0 end) as resolution_judged
    from sla_summary

),

headline_figures as (

    select
        volume_trend.created as support_cases_created,
        volume_trend.resolved as support_cases_resolved,
        volume_trend.net_change as support_backlog_net_change,
        volume_trend.open_backlog as support_open_backlog,
        backlog_spikes.growth_pct as support_backlog_growth_pct,
        case when backlog_spikes.is_spike = {{ as_flag(1) }} then 1 else 0 end as support_backlog_is_spike,
        sla_status.at_risk_count as support_cases_at_risk,
        sla_status.open_breached_count as support_open_breaches,
        {{ ratio('compliance.first_response_met', 'compliance.first_response_judged') }}
            as support_first_response_compliance_pct,
        {{ ratio('compliance.resolution_met', 'compliance.resolution_judged') }} as support_resolution_compliance_pct
    from settings
    left join volume_trend on settings.as_of_date = volume_trend.day
    left join backlog_spikes on settings.as_of_date = backlog_spikes.day
    cross join sla_status
    cross join compliance

)

select * from headline_figures
