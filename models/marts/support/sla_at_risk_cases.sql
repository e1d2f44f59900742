with

case_sla as (

    select * from {{ ref('fct_support_case_sla') }}

),

at_risk as (

    select
        cast(
            row_number() over (order by minutes_left, due_at, {{ sort_key('upper(case_id)') }}, metric) as integer
        ) as risk_rank,
        case_id,
        metric,
        priority,
        region,
        queue,
        used_pct,
        minutes_left,
        due_at
    from case_sla
    where sla_status = 'open_at_risk'

)

select * from at_risk
