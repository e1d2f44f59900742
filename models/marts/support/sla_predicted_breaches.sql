with

settings as (

    select * from {{ ref('int_run_settings') }}

),

case_sla as (

    select * from {{ ref('fct_support_case_sla') }}

),

case_events as (

    select * from {{ ref('stg_support__support_case_events') }}

),

due_soon as (

    select
        case_sla.case_id,
        upper(case_sla.case_id) as case_key,
        case_sla.metric,
        case_sla.priority,
        case_sla.region,
        case_sla.queue,
        case_sla.sla_status,
        case_sla.used_pct,
        case_sla.minutes_left,
        case_sla.due_at,
        case
            when case_sla.due_at > settings.as_of then {{ seconds_between('settings.as_of', 'case_sla.due_at') }} else 0
        end as seconds_until_due,
        settings.as_of
    from case_sla
    cross join settings
    where
        case_sla.sla_status in ('open_on_track', 'open_at_risk')
        and case_sla.due_at <= {{ add_seconds('settings.as_of', '3600 * settings.breach_outlook_hours') }}

),

events_seen as (

    select
        due_soon.case_key,
        case_events.case_status,
        row_number() over (
            partition by due_soon.case_key
            order by case_events.occurred_at desc, {{ sort_key('case_events.event_key') }} desc
        ) as event_number
    from due_soon
    inner join case_events on due_soon.case_key = case_events.case_key
    where due_soon.metric = 'resolution' and case_events.occurred_at <= due_soon.as_of

),

-- The last word of the log; a case that waits does not break its promise while it waits.
standings as (

    select
        due_soon.*,
        case
            when due_soon.metric = 'resolution' and events_seen.case_status in ('pending', 'on_hold') then 1
            else 0
        end as is_paused
    from due_soon
    left join events_seen on due_soon.case_key = events_seen.case_key and events_seen.event_number = 1

),

ranked as (

    select
        *,
        row_number() over (
            order by is_paused, seconds_until_due, minutes_left, {{ sort_key('case_key') }}, metric
        ) as breach_rank
    from standings

),

final as (

    select
        cast(breach_rank as integer) as breach_rank,
        cast(case_id as nvarchar(255)) as case_id,
        cast(metric as nvarchar(20)) as metric,
        cast(priority as nvarchar(255)) as priority,
        cast(region as nvarchar(255)) as region,
        cast(queue as nvarchar(255)) as queue,
        cast(sla_status as nvarchar(20)) as sla_status,
        cast(used_pct as decimal(28, 6)) as used_pct,
        cast(minutes_left as decimal(18, 6)) as minutes_left,
        cast(due_at as {{ dbt.type_timestamp() }}) as due_at,
        cast({{ divide_rounded('seconds_until_due', '3600', 2, 'decimal(18, 2)') }} as decimal(18, 2))
            as hours_until_due,
        {{ as_flag('is_paused') }} as is_paused
    from ranked

)

select * from final
