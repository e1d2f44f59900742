with

settings as (

    select * from {{ ref('int_run_settings') }}

),

at_risk_cases as (

    select * from {{ ref('sla_at_risk_cases') }}

),

predicted_breaches as (

    select * from {{ ref('sla_predicted_breaches') }}

),

backlog_spikes as (

    select * from {{ ref('backlog_spike_by_dimension') }}

),

backlog_history as (

    select * from {{ ref('backlog_history') }}

),

case_sla as (

    select * from {{ ref('fct_support_case_sla') }}

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

predicted_totals as (

    select
        region,
        queue,
        count(*) as predicted_count,
        min(breach_rank) as first_rank,
        max(case when priority = 'P1' then 1 else 0 end) as has_p1
    from predicted_breaches
    where is_paused = {{ as_flag('0') }}
    group by region, queue

),

predicted_alerts as (

    select
        concat('support:predicted_breach:', predicted_totals.region, ':', predicted_totals.queue) as alert_key,
        'predicted_breach' as rule_name,
        case when predicted_totals.has_p1 = 1 then 'critical' else 'warning' end as severity,
        concat(predicted_totals.region, ', queue ', predicted_totals.queue) as subject,
        cast(null as date) as period,
        'promises that run out' as measure,
        cast(0 as decimal(18, 4)) as threshold,
        predicted_totals.predicted_count as observed,
        concat(
            'In ', predicted_totals.region, ', queue ', predicted_totals.queue, ', promises that run out within ',
            cast(settings.breach_outlook_hours as nvarchar(10)), ' hours if nobody acts: ',
            cast(predicted_totals.predicted_count as nvarchar(20)), '; the first is the ',
            case when soonest.metric = 'resolution' then 'resolution' else 'first response' end,
            ' of case ', soonest.case_id, ' (', soonest.priority, ') in ',
            cast(cast(soonest.hours_until_due as decimal(18, 1)) as nvarchar(30)), ' hours.'
        ) as message
    from predicted_totals
    cross join settings
    inner join predicted_breaches as soonest on predicted_totals.first_rank = soonest.breach_rank

),

-- A region, priority or queue may double from one case to two: it must be out of line with its weekdays as well.
spikes as (

    select backlog_spikes.*
    from backlog_spikes
    left join backlog_history
        on
            backlog_spikes.dimension = backlog_history.dimension
            and backlog_spikes.dimension_value = backlog_history.dimension_value
            and backlog_spikes.day = backlog_history.day
    where
        backlog_spikes.is_spike = {{ as_flag('1') }}
        and (backlog_spikes.dimension = 'total' or backlog_history.is_anomaly = {{ as_flag('1') }})

),

spike_alerts as (

    select
        case
            when spikes.dimension = 'total' then 'support:backlog_spike:open_backlog'
            else concat('support:backlog_spike:', spikes.dimension, ':', spikes.dimension_value)
        end as alert_key,
        'backlog_spike' as rule_name,
        case when spikes.dimension = 'total' then 'warning' else 'info' end as severity,
        case
            when spikes.dimension = 'total' then 'open_backlog'
            else concat(spikes.dimension, ' ', spikes.dimension_value)
        end as subject,
        cast(null as date) as period,
        'growth_pct' as measure,
        settings.backlog_spike_threshold as threshold,
        spikes.growth_pct as observed,
        concat(
            'The open backlog',
            case
                when spikes.dimension = 'total' then ''
                else concat(' of ', spikes.dimension, ' ', spikes.dimension_value)
            end,
            ' is ', cast(spikes.open_backlog as nvarchar(20)), ' cases, ',
            cast(cast(100 * spikes.growth_pct as decimal(18, 1)) as nvarchar(30)), '% above the mean of ',
            cast(cast(spikes.baseline_backlog as decimal(18, 1)) as nvarchar(30)), ' of the ',
            cast(settings.backlog_baseline_days as nvarchar(10)), ' days before.'
        ) as message
    from spikes
    cross join settings

),

anomaly_alerts as (

    select
        'support:backlog_anomaly:open_backlog' as alert_key,
        'backlog_anomaly' as rule_name,
        case when backlog_history.anomaly_score > 0 then 'warning' else 'info' end as severity,
        'open_backlog' as subject,
        cast(null as date) as period,
        'anomaly_score' as measure,
        settings.anomaly_score_threshold as threshold,
        backlog_history.anomaly_score as observed,
        concat(
            'The open backlog is ', cast(backlog_history.open_backlog as nvarchar(20)), ' cases, unusually ',
            case when backlog_history.anomaly_score > 0 then 'high' else 'low' end,
            ' beside a median of ', cast(backlog_history.median_backlog as nvarchar(30)),
            ' on the same weekday of the ', cast(backlog_history.baseline_days as nvarchar(10)), ' weeks before.'
        ) as message
    from backlog_history
    inner join settings on backlog_history.day = settings.as_of_date
    where backlog_history.dimension = 'total' and backlog_history.is_anomaly = {{ as_flag('1') }}

),

endless_cases as (

    select
        calendar_id,
        count(*) as case_count
    from case_sla
    where calendar_id is not null and due_at is null
    group by calendar_id

),

calendar_alerts as (

    select
        concat('support:outside_calendar:', calendar_id) as alert_key,
        'outside_calendar' as rule_name,
        'warning' as severity,
        calendar_id as subject,
        cast(null as date) as period,
        'promises without a due time' as measure,
        cast(0 as decimal(18, 4)) as threshold,
        case_count as observed,
        concat(
            'Calendar ', calendar_id, ' never has the hours that its promises need (cases: ',
            cast(case_count as nvarchar(20)),
            '): look at its opening hours and holidays in business_calendars and calendar_holidays.'
        ) as message
    from endless_cases

),

alerts as (

    select * from case_alerts

    union all

    select * from predicted_alerts

    union all

    select * from spike_alerts

    union all

    select * from anomaly_alerts

    union all

    select * from calendar_alerts

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
