{{ config(indexes=index_on(['case_id']), cluster_by=['metric', 'sla_status']) }}

with

settings as (

    select * from {{ ref('int_run_settings') }}

),

cases as (

    select * from {{ ref('int_support_cases') }}

),

clocks as (

    select * from {{ ref('int_support_case_clocks') }}

),

running_clocks as (

    select * from {{ ref('int_support_running_clocks') }}

),

clocks_at_as_of as (

    select
        clocks.case_key,
        clocks.metric,
        clocks.calendar_id,
        clocks.target_minutes,
        60 * cast(clocks.target_minutes as bigint) as target_seconds,
        clocks.is_outside_calendar,
        case when clocks.finished_at <= settings.as_of then clocks.finished_at end as finished_at,
        case
            when running_clocks.case_key is not null then running_clocks.elapsed_seconds
            else clocks.finished_elapsed_seconds
        end as elapsed_seconds,
        case
            when running_clocks.case_key is not null then running_clocks.due_at
            else clocks.finished_due_at
        end as due_at,
        settings.sla_risk_threshold
    from clocks
    cross join settings
    left join running_clocks
        on clocks.case_key = running_clocks.case_key and clocks.metric = running_clocks.metric
    where clocks.created_at <= settings.as_of

),

judged as (

    select
        *,
        target_seconds - elapsed_seconds as seconds_left,
        case
            when target_seconds is null then 'no_target'
            when finished_at is not null and elapsed_seconds <= target_seconds then 'met'
            when finished_at is not null then 'breached'
            when elapsed_seconds > target_seconds then 'open_breached'
            when elapsed_seconds >= sla_risk_threshold * target_seconds then 'open_at_risk'
            else 'open_on_track'
        end as sla_status
    from clocks_at_as_of

),

final as (

    select
        cast(cases.case_id as nvarchar(255)) as case_id,
        cast(judged.metric as nvarchar(20)) as metric,
        cast(cases.priority as nvarchar(255)) as priority,
        cast(cases.region as nvarchar(255)) as region,
        cast(cases.product as nvarchar(255)) as product,
        cast(cases.queue as nvarchar(255)) as queue,
        cast(cases.customer_tier as nvarchar(255)) as customer_tier,
        cast(judged.calendar_id as nvarchar(50)) as calendar_id,
        cast(judged.target_minutes as integer) as target_minutes,
        cast({{ divide_rounded('judged.elapsed_seconds', '60', 6, 'decimal(18, 6)') }} as decimal(18, 6))
            as elapsed_minutes,
        cast(judged.elapsed_seconds as bigint) as elapsed_seconds,
        cast({{ ratio('judged.elapsed_seconds', 'judged.target_seconds') }} as decimal(28, 6)) as used_pct,
        cast(judged.sla_status as nvarchar(20)) as sla_status,
        cast(judged.due_at as {{ dbt.type_timestamp() }}) as due_at,
        cast(
            case
                when judged.finished_at is null
                    then {{ divide_rounded('judged.seconds_left', '60', 6, 'decimal(18, 6)') }}
            end
            as decimal(18, 6)
        ) as minutes_left,
        cast(cases.created_at as {{ dbt.type_timestamp() }}) as created_at,
        cast(judged.finished_at as {{ dbt.type_timestamp() }}) as finished_at,
        {{ as_flag(
            'case when judged.target_seconds is not null and judged.due_at is null then 1 '
            'else judged.is_outside_calendar end'
        ) }} as is_outside_calendar
    from judged
    inner join cases on judged.case_key = cases.case_key

)

select * from final
