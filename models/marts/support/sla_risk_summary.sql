with

case_sla as (

    select * from {{ ref('fct_support_case_sla') }}

),

predicted_breaches as (

    select * from {{ ref('sla_predicted_breaches') }}

),

open_promises as (

    select
        case_sla.region,
        case_sla.queue,
        case_sla.metric,
        case_sla.sla_status,
        case when case_sla.sla_status in ('open_on_track', 'open_at_risk') then case_sla.minutes_left end
            as minutes_left,
        case when case_sla.sla_status in ('open_on_track', 'open_at_risk') then case_sla.due_at end as due_at,
        case when predicted_breaches.is_paused = {{ as_flag('0') }} then 1 else 0 end as is_predicted_breach,
        case when predicted_breaches.is_paused = {{ as_flag('1') }} then 1 else 0 end as is_paused_and_due
    from case_sla
    left join predicted_breaches
        on case_sla.case_id = predicted_breaches.case_id and case_sla.metric = predicted_breaches.metric
    where case_sla.sla_status in ('open_on_track', 'open_at_risk', 'open_breached')

),

totals as (

    select
        region,
        queue,
        metric,
        count(*) as open_promises,
        sum(case when sla_status = 'open_at_risk' then 1 else 0 end) as at_risk,
        sum(is_predicted_breach) as predicted_breaches,
        sum(is_paused_and_due) as paused_and_due,
        sum(case when sla_status = 'open_breached' then 1 else 0 end) as open_breached,
        min(minutes_left) as least_minutes_left,
        min(due_at) as next_due_at
    from open_promises
    group by region, queue, metric

),

final as (

    select
        cast(region as nvarchar(255)) as region,
        cast(queue as nvarchar(255)) as queue,
        cast(metric as nvarchar(20)) as metric,
        cast(open_promises as integer) as open_promises,
        cast(at_risk as integer) as at_risk,
        cast(predicted_breaches as integer) as predicted_breaches,
        cast(paused_and_due as integer) as paused_and_due,
        cast(open_breached as integer) as open_breached,
        cast(least_minutes_left as decimal(18, 6)) as least_minutes_left,
        cast(next_due_at as {{ dbt.type_timestamp() }}) as next_due_at
    from totals

)

select * from final
