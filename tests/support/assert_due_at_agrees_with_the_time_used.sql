-- A failure means that a case was told a due time that its own clock denies: over its target but not yet due, or within
-- it and overdue. Both are worked out from one calendar in opposite directions (measured_in_calendar): one is wrong.
with

settings as (

    select * from {{ ref('int_run_settings') }}

),

case_sla as (

    select * from {{ ref('fct_support_case_sla') }}

),

ends as (

    select
        case_sla.case_id,
        case_sla.metric,
        case_sla.sla_status,
        case_sla.due_at,
        60 * cast(case_sla.target_minutes as bigint) as target_seconds,
        case_sla.elapsed_seconds,
        case
            when case_sla.finished_at < case_sla.created_at then case_sla.created_at
            else coalesce(case_sla.finished_at, settings.as_of)
        end as ended_at
    from case_sla
    cross join settings
    where case_sla.due_at is not null

),

contradicted as (

    select *
    from ends
    where
        (elapsed_seconds > target_seconds and due_at >= ended_at)
        or (elapsed_seconds < target_seconds and due_at <= ended_at)

)

select * from contradicted
