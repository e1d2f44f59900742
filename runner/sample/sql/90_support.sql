-- One row per case. share is the share of its resolution target that is used when it is resolved; 9 is never.
create table case_core as
with
opened as (
    select
        day_no,
        day,
        unnest(range(first_case, end_case)) as case_no,
        unnest(range(first_case, end_case)) - first_case as nth_of_day
    from days
    order by day_no
),
drawn as (
    select
        opened.*,
        faults.fault_kind,
        case
            when chance('case priority', case_no) < 0.05 then 'P1'
            when chance('case priority', case_no) < 0.25 then 'P2'
            when chance('case priority', case_no) < 0.70 then 'P3'
            else 'P4'
        end as priority,
        pick('case region', case_no, 20) as region_draw,
        -- Open cases that have used from 5% to 170% of their target by the last moment, evenly.
        case_no >= 0.955 * getvariable('cases') and case_no < 0.964 * getvariable('cases') as is_open_by_plan
    from opened
    left join (select * from faults where pool = 'support_cases') as faults on faults.n = opened.case_no
),
targeted as (
    select
        drawn.*,
        coalesce(named.target_minutes, any_priority.target_minutes, 10080) * 60 as target_seconds,
        case
            when chance('resolved in time', case_no) < 0.86 then 0.02
                + 0.93 * power(chance('share of target', case_no), 1.4)
            else 1.02 + 1.6 * power(chance('share of target', case_no), 2)
        end as share,
        case when fault_kind is null then chance('paused', case_no) < 0.30 else false end as is_paused,
        case when fault_kind is null then chance('held', case_no) < 0.10 else false end as is_held,
        case when fault_kind is null then chance('reopened', case_no) < 0.05 else false end as is_reopened
    from drawn
    left join seed_resolution_targets as named on drawn.priority = named.priority
    left join (select max(target_minutes) as target_minutes from seed_resolution_targets
        where priority is null) as any_priority on true
),
created as (
    select
        *,
        case
            when is_open_by_plan
                then getvariable('as_of') - to_seconds(cast(round(
                    target_seconds
                        * (0.05 + 1.65 * (case_no + 0.5 - ceil(0.955 * getvariable('cases'))) / (0.009
                        * getvariable('cases')))
                ) as bigint))
            when region_draw < 9
                then cast(day as timestamp)
                + to_seconds(least(86399, greatest(0, 25200 + pick('case hour 1', case_no, 21600)
                + pick('case hour 2', case_no, 21600))))
            when region_draw < 15 then cast(day as timestamp)
                + to_seconds(46800 + pick('case hour 1', case_no, 18000) + pick('case hour 2', case_no, 18000))
            else cast(day as timestamp) + to_seconds(pick('case hour 1', case_no, 18000)
                + pick('case hour 2', case_no, 18000))
        end as created_at
    from targeted
),
working as (
    select
        *,
        cast(round(target_seconds * share) as bigint) as work_seconds,
        -- First response: mostly well within an hour for the urgent, a working day for the rest.
        cast(round(target_seconds / 24.0 * case
            when chance('responded in time', case_no) < 0.88 then 0.03 + 0.9 * chance('first response', case_no)
            else 1.05 + 2 * chance('first response', case_no)
        end) as bigint) as response_seconds,
        case when is_paused then between_whole('pause', case_no, 3600, 250000) else 0 end as pause_seconds,
        case when is_held then between_whole('hold', case_no, 7200, 500000) else 0 end as hold_seconds,
        case when is_reopened then between_whole('rest before reopening', case_no, 20000, 300000)
            else 0 end as rest_seconds,
        case when is_reopened then between_whole('work after reopening', case_no, 1800, 90000)
            else 0 end as again_seconds
    from created
),
-- The course of the case, as if it had all the time in the world.
courses as (
    select
        *,
        created_at + to_seconds(least(response_seconds, work_seconds)) as responded_at,
        created_at + to_seconds(least(response_seconds, work_seconds)
            + (work_seconds - least(response_seconds, work_seconds)) // 3) as paused_at,
        created_at + to_seconds(least(response_seconds, work_seconds)
            + (work_seconds - least(response_seconds, work_seconds)) // 3 + pause_seconds) as unpaused_at,
        created_at + to_seconds(least(response_seconds, work_seconds)
            + 2 * (work_seconds - least(response_seconds, work_seconds)) // 3 + pause_seconds) as held_at,
        created_at + to_seconds(least(response_seconds, work_seconds)
            + 2 * (work_seconds - least(response_seconds, work_seconds)) // 3 + pause_seconds + hold_seconds)
            as unheld_at,
        created_at + to_seconds(work_seconds + pause_seconds + hold_seconds) as first_resolved_at,
        case when is_reopened then created_at + to_seconds(work_seconds + pause_seconds + hold_seconds + rest_seconds)
            end as reopened_at,
        created_at + to_seconds(work_seconds + pause_seconds + hold_seconds + rest_seconds + again_seconds)
            as finally_resolved_at,
        created_at + to_seconds(work_seconds + pause_seconds + hold_seconds + rest_seconds + again_seconds
            + between_whole('closed after', case_no, 40000, 500000)) as closed_at,
        is_open_by_plan
        or fault_kind is null and day > getvariable('end_date') - 60
            and chance('forgotten', case_no) < 0.012 as is_never_resolved
    from working
)
select
    * exclude (day_no, nth_of_day, share, work_seconds, response_seconds, pause_seconds, hold_seconds, rest_seconds,
        again_seconds, target_seconds)
from courses
order by case_no;

create table event_core as
with
steps as (
    select
        case_core.*,
        unnest([
            {'step': 0, 'status': 'new', 'at': created_at, 'is_there': true, 'ends': false},
            {'step': 1, 'status': 'open', 'at': responded_at, 'is_there': true, 'ends': false},
            {'step': 2, 'status': 'pending', 'at': paused_at, 'is_there': is_paused, 'ends': false},
            {'step': 3, 'status': 'open', 'at': unpaused_at, 'is_there': is_paused, 'ends': false},
            {'step': 4, 'status': 'on_hold', 'at': held_at, 'is_there': is_held, 'ends': false},
            {'step': 5, 'status': 'open', 'at': unheld_at, 'is_there': is_held, 'ends': false},
            {'step': 6, 'status': 'resolved', 'at': first_resolved_at, 'is_there': true, 'ends': true},
            {'step': 7, 'status': 'open', 'at': reopened_at, 'is_there': is_reopened, 'ends': true},
            {'step': 8, 'status': 'resolved', 'at': finally_resolved_at, 'is_there': is_reopened, 'ends': true},
            {'step': 9, 'status': 'closed', 'at': closed_at, 'is_there': true, 'ends': true}
        ]) as event
    from case_core
)
select
    row_number() over (order by case_no, event.step) as event_no,
    case_no,
    event.step,
    case
        when fault_kind = 'events_out_of_order' and event.step = 0 then 'open'
        when fault_kind in ('events_out_of_order', 'events_repeat_a_status') and event.step = 1 then 'new'
        else event.status
    end as status,
    event.at as occurred_at
from steps
where
    event.is_there
    and event.at <= getvariable('as_of')
    and not (is_never_resolved and event.ends)
    and not (coalesce(fault_kind, '') in ('missing_case_status', 'unknown_case_status', 'resolved_while_open')
        and event.ends);

-- Where a case stands in the end.
create table case_ends as
select case_no, arg_max(status, event_no) as case_status, max(occurred_at) as last_event_at
from event_core
group by all
order by case_no;

create view out_support_cases as
with
rows as (
    select
        case_core.* exclude (closed_at),
        readable_id('CASE-', case_core.case_no + 1, 6) as case_id,
        coalesce(case_ends.case_status, 'new') as case_status,
        case when not is_never_resolved and closed_at <= getvariable('as_of') then closed_at end as ended_at,
        case
            when case_ends.case_status not in ('resolved', 'closed') then null
            when is_reopened and finally_resolved_at <= getvariable('as_of') then finally_resolved_at
            else first_resolved_at
        end as settled_at,
        case when responded_at <= getvariable('as_of') then responded_at end as answered_at,
        coalesce(reopened_at <= getvariable('as_of') and not is_never_resolved, false) as was_reopened,
        least(getvariable('as_of'), coalesce(case_ends.last_event_at, created_at)
            + to_seconds(between_whole('case updated', case_core.case_no, 5, 3000)))
            as updated_at
    from case_core
    left join case_ends on case_core.case_no = case_ends.case_no
),
with_extras as (
    select 0 as extra, * from rows
    union all
    select 1 as extra, * from rows where fault_kind in ('missing_key', 'duplicate_key')
)
select
    extra,
    case_no as row_no,
    case
        when extra = 1 and fault_kind = 'missing_key' then nothing('blank case id', case_no)
        when extra = 1 and case_no % 2 = 0 then lower(case_id)
        when fault_kind is not null then case_id
        else mangled('case id as written', case_no, case_id, 0.004)
    end as case_id,
    case
        when fault_kind = 'missing_priority' then nothing('blank priority', case_no)
        else mangled('case priority as written', case_no, priority, 0.02)
    end as priority,
    case
        when chance('case without region', case_no) < 0.015 then null
        when region_draw < 9 then 'EMEA'
        when region_draw < 13 then 'AMER'
        when region_draw < 15 then 'LATAM'
        else 'APAC'
    end as region,
    case when chance('case without product', case_no) >= 0.01 then products.product end as product,
    ['Tier 1', 'Tier 1', 'Tier 1', 'Tier 2', 'Tier 2', 'Billing', 'Integrations', null][pick('queue', case_no, 8) + 1]
        as queue,
    ['gold', 'silver', 'silver', 'bronze', 'bronze', 'bronze', null][pick('customer tier', case_no, 7) + 1]
        as customer_tier,
    case
        when fault_kind = 'missing_case_status' then nothing('blank case status', case_no)
        when fault_kind = 'unknown_case_status'
            then ['waiting on customer', 'escalated', 'in progress'][pick('wrong case status', case_no, 3) + 1]
        when fault_kind = 'status_contradicts_events' then 'resolved'
        when fault_kind = 'resolved_while_open' then 'open'
        when fault_kind = 'duplicate_key' and extra = 1 and case_no % 2 = 0 then 'open'
        when fault_kind in ('missing_resolved_at', 'resolved_before_creation', 'closed_before_resolved') then 'closed'
        else mangled('case status as written', case_no, case_status, 0.03)
    end as case_status,
    case when fault_kind = 'missing_created_at' then null else created_at end as created_at,
    case
        when fault_kind = 'first_response_before_creation' then created_at
            - to_seconds(between_whole('answered too soon', case_no, 60, 20000))
        else answered_at
    end as first_responded_at,
    case
        when fault_kind in ('missing_resolved_at', 'missing_case_status', 'unknown_case_status') then null
        when fault_kind = 'duplicate_key' and extra = 1 and case_no % 2 = 0 then null
        when fault_kind = 'resolved_before_creation' then created_at
            - to_seconds(between_whole('resolved too soon', case_no, 60, 20000))
        when fault_kind = 'resolved_while_open' then first_resolved_at
        when fault_kind = 'resolution_without_event' then settled_at
            + to_seconds(between_whole('resolved later', case_no, 60, 20000))
        else settled_at
    end as resolved_at,
    case
        when fault_kind in ('missing_resolved_at', 'missing_case_status', 'unknown_case_status',
            'resolved_while_open') then null
        when fault_kind = 'duplicate_key' and extra = 1 and case_no % 2 = 0 then null
        when fault_kind = 'closed_before_resolved' then settled_at
            - to_seconds(between_whole('closed too soon', case_no, 60, 20000))
        else ended_at
    end as closed_at,
    cast(case
        when was_reopened or fault_kind = 'reopened_count_contradicts_events' then 1
        when chance('no reopenings', case_no) < 0.5 then 0
    end as integer) as reopened_count,
    case
        when fault_kind = 'updated_before_created' then created_at
            - to_seconds(between_whole('case updated too soon', case_no, 600, 90000))
        when fault_kind = 'duplicate_key' and extra = 1 and case_no % 2 = 0 then updated_at - interval 1 hour
        else updated_at
    end as updated_at
from with_extras
inner join products on pick('product', case_no, 6) = products.product_no;

create view out_support_case_events as
with
-- The fault of a case's events sits on its first response; that case is otherwise sound.
rows as (
    select
        event_core.*,
        faults.fault_kind,
        readable_id('EVT-', event_no, 7) as event_id
    from event_core
    left join (select * from faults where pool = 'support_case_events') as faults
        on event_core.case_no = faults.n and event_core.step = 1
    where event_core.case_no not in (select n from faults where fault_kind = 'missing_events')
),
with_extras as (
    select 0 as extra, * from rows
    union all
    select 1 as extra, * from rows where fault_kind = 'duplicate_key'
)
select
    extra,
    event_no as row_no,
    case
        when fault_kind = 'missing_key' then nothing('blank event id', event_no)
        when fault_kind is not null then event_id
        else mangled('event id as written', event_no, event_id, 0.003)
    end as event_id,
    case fault_kind
        when 'missing_case_id' then nothing('blank case of the event', event_no)
        when 'orphan_case' then readable_id('CASE-', 10 * getvariable('cases') + event_no, 6)
        else mangled('case of the event as written', event_no, readable_id('CASE-', case_no + 1, 6), 0.02)
    end as case_id,
    case fault_kind
        when 'missing_case_status' then nothing('blank event status', event_no)
        when 'unknown_case_status' then ['assigned', 'triage', 'working'][pick('wrong event status', event_no, 3) + 1]
        else mangled('event status as written', event_no, status, 0.02)
    end as case_status,
    case fault_kind
        when 'missing_occurred_at' then null
        when 'event_before_creation' then occurred_at - to_days(8)
        else occurred_at
    end as occurred_at
from with_extras;

insert into truth
select
    'support',
    'support_cases',
    fault_kind,
    case
        when fault_kind = 'missing_key' then concat('(none)-', row_number() over (partition by fault_kind order by n))
        else readable_id('CASE-', n + 1, 6)
    end,
    'dq_failing_rows',
    null,
    null
from faults
where pool = 'support_cases';

insert into truth
select
    'support',
    'support_case_events',
    fault_kind,
    case
        when fault_kind = 'missing_key'
            then concat('(none)-', row_number() over (partition by fault_kind order by event_no))
        else readable_id('EVT-', event_no, 7)
    end,
    'dq_failing_rows',
    null,
    null
from event_core
inner join faults on faults.pool = 'support_case_events' and event_core.case_no = faults.n and event_core.step = 1;
