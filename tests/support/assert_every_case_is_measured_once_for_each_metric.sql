-- A failure means that a case created by as_of is missing from the SLA figures, or in them twice. Build
-- int_support_case_clocks with --full-refresh; if it stays, look at how its targets are joined.
with

settings as (

    select * from {{ ref('int_run_settings') }}

),

cases as (

    select * from {{ ref('int_support_cases') }}

),

case_sla as (

    select * from {{ ref('fct_support_case_sla') }}

),

measured as (

    select
        case_id,
        count(*) as metric_count
    from case_sla
    group by case_id

),

wrong as (

    select
        cases.case_id,
        measured.metric_count
    from cases
    cross join settings
    left join measured on cases.case_id = measured.case_id
    where cases.created_at <= settings.as_of and coalesce(measured.metric_count, 0) <> 2

)

select * from wrong
