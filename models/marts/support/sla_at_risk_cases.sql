with

case_sla as (

    select * from {{ ref('fct_support_case_sla') }}

),

at_risk as (

    select
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
