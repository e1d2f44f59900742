-- A failure means that two reports show different numbers of open cases for the same moment. All take a case as open
-- when it was created by as_of and has no resolution by then: find the mart that departs from int_support_cases.
with

settings as (

    select * from {{ ref('int_run_settings') }}

),

backlog as (

    select sum(open_cases) as open_cases
    from {{ ref('backlog_summary') }}

),

trend as (

    select volume_trend.open_backlog
    from {{ ref('volume_trend') }} as volume_trend
    inner join settings on volume_trend.day = settings.as_of_date

),

spike as (

    select open_backlog
    from {{ ref('backlog_spike_summary') }}

),

unresolved as (

    select count(*) as open_cases
    from {{ ref('fct_support_case_sla') }}
    where metric = 'resolution' and finished_at is null

),

compared as (

    select
        coalesce(backlog.open_cases, 0) as in_backlog_summary,
        trend.open_backlog as in_volume_trend,
        spike.open_backlog as in_backlog_spike_summary,
        unresolved.open_cases as in_fct_support_case_sla
    from backlog
    cross join trend
    cross join spike
    cross join unresolved

),

different as (

    select *
    from compared
    where
        in_backlog_summary <> in_volume_trend
        or in_backlog_summary <> in_backlog_spike_summary
        or in_backlog_summary <> in_fct_support_case_sla

)

select * from different
