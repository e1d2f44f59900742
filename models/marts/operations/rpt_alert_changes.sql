with

settings as (

    select * from {{ ref('int_run_settings') }}

),

history as (

    select * from {{ ref('int_operations_alert_history') }}

),

-- A domain is compared with the last day before on which it was built, and not at all where it was not built today.
compared_days as (

    select
        history.domain,
        max(case when history.observed_on = settings.as_of_date then 1 else 0 end) as is_observed_now,
        max(case when history.observed_on < settings.as_of_date then history.observed_on end) as compared_with
    from history
    cross join settings
    where history.observed_on <= settings.as_of_date
    group by history.domain

),

alerts_before as (

    select
        history.*,
        case history.severity when 'critical' then 3 when 'warning' then 2 else 1 end as severity_rank,
        compared_days.compared_with
    from history
    inner join compared_days
        on history.domain = compared_days.domain and history.observed_on = compared_days.compared_with
    where history.is_open = 1 and compared_days.is_observed_now = 1

),

alerts_now as (

    select
        history.*,
        case history.severity when 'critical' then 3 when 'warning' then 2 else 1 end as severity_rank,
        compared_days.compared_with
    from history
    inner join settings on history.observed_on = settings.as_of_date
    inner join compared_days on history.domain = compared_days.domain
    where history.is_open = 1 and compared_days.compared_with is not null

),

changes as (

    select
        coalesce(alerts_now.alert_key, alerts_before.alert_key) as alert_key,
        coalesce(alerts_now.domain, alerts_before.domain) as domain,
        coalesce(alerts_now.rule_name, alerts_before.rule_name) as rule_name,
        case
            when alerts_before.alert_key is null then 'new'
            when alerts_now.alert_key is null then 'cleared'
            when alerts_now.severity_rank > alerts_before.severity_rank then 'worsened'
            when alerts_now.severity_rank < alerts_before.severity_rank then 'eased'
            else 'unchanged'
        end as change_kind,
        alerts_now.severity,
        alerts_before.severity as severity_before,
        coalesce(alerts_now.subject, alerts_before.subject) as subject,
        coalesce(alerts_now.message, alerts_before.message) as message,
        coalesce(alerts_now.compared_with, alerts_before.compared_with) as compared_with
    from alerts_now
    full outer join alerts_before on alerts_now.alert_key = alerts_before.alert_key

),

final as (

    select
        cast(alert_key as nvarchar(400)) as alert_key,
        cast(domain as nvarchar(20)) as domain,
        cast(rule_name as nvarchar(50)) as rule_name,
        cast(change_kind as nvarchar(20)) as change_kind,
        cast(severity as nvarchar(20)) as severity,
        cast(severity_before as nvarchar(20)) as severity_before,
        cast(subject as nvarchar(255)) as subject,
        cast(message as nvarchar(1000)) as message,
        cast(compared_with as date) as compared_with
    from changes
    where change_kind <> 'unchanged'

)

select * from final
