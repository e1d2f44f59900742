-- Tickets come in blocks of five that hold nine tasks: a task knows its ticket without counting those before it.
create table ticket_blocks as
with
arrangements as (
    select
        unnest(range(6)) as arrangement,
        unnest([[1, 2, 1, 3, 2], [2, 1, 3, 1, 2], [1, 1, 2, 2, 3], [3, 1, 2, 1, 2], [2, 2, 1, 1, 3], [1, 3, 2, 2, 1]])
            as counts
)
select
    arrangement,
    cast(place as integer) as place,
    cast(counts[place + 1] as integer) as task_count,
    cast(list_sum(counts[1:place]) as integer) as tasks_before
from (select arrangement, counts, unnest(range(5)) as place from arrangements)
order by arrangement, place;
update ticket_blocks set tasks_before = 0 where tasks_before is null;

create table site_assets as
with
slots as (
    select site_no, min(slot) as first_slot, max(slot) + 1 as end_slot
    from site_wheel
    group by all
),
wheel as (
    select count(*) as size from site_wheel
)
select
    site_no,
    first_slot * getvariable('assets') // size as first_asset,
    end_slot * getvariable('assets') // size as end_asset
from slots
cross join wheel
order by site_no;

create table asset_core as
select
    cast(unnest(range(first_asset, end_asset)) as bigint) as asset_no,
    site_assets.site_no,
    sites.kind
from site_assets
inner join sites on site_assets.site_no = sites.site_no
order by site_assets.site_no;

create table asset_places as
select
    asset_core.asset_no,
    asset_core.site_no,
    case when chance('asset without cost centre', asset_no) >= 0.04
        then cost_centres.cost_centre_no end as cost_centre_no
from asset_core
inner join cost_centres
    on asset_core.kind = cost_centres.kind and pick('asset cost centre', asset_core.asset_no, 8) = cost_centres.place
order by asset_core.asset_no;

create view out_hardware_assets as
with
rows as (
    select
        asset_places.asset_no,
        faults.fault_kind,
        readable_id('AST-', asset_places.asset_no + 1, 6) as asset_tag,
        ['laptop', 'laptop', 'desktop', 'monitor', 'dock', 'printer', 'phone',
            'headset'][pick('asset type', asset_places.asset_no, 8) + 1]
            as asset_type,
        ['Latitude 5440', 'EliteBook 840', 'OptiPlex 7010', 'P2423D', 'WD22TB4', 'LaserJet M507', 'iPhone 14',
            'Evolve2 65'][
            pick('asset type', asset_places.asset_no, 8) + 1
        ] as model,
        sites.site_code,
        cost_centres.cost_centre,
        cast(getvariable('first_month') as timestamp)
        + to_seconds(between_whole('asset updated', asset_places.asset_no, 0,
            datediff('second', getvariable('first_month'), getvariable('end_date'))))
            as updated_at
    from asset_places
    inner join sites on asset_places.site_no = sites.site_no
    left join cost_centres on asset_places.cost_centre_no = cost_centres.cost_centre_no
    left join faults on faults.pool = 'hardware_assets' and faults.n = asset_places.asset_no
),
with_extras as (
    select 0 as extra, * from rows
    union all
    select 1 as extra, * from rows where fault_kind in ('missing_key', 'duplicate_key')
)
select
    extra,
    asset_no as row_no,
    case
        when extra = 1 and fault_kind = 'missing_key' then nothing('blank tag', asset_no)
        when extra = 1 or fault_kind is not null then asset_tag
        else mangled('tag as written', asset_no, asset_tag, 0.004)
    end as asset_tag,
    case when fault_kind = 'missing_asset_type' then nothing('blank asset type', asset_no)
        else asset_type end as asset_type,
    model,
    case
        when extra = 1 and fault_kind = 'duplicate_key' and asset_no % 2 = 0 then 'LON-HQ'
        else mangled('asset site as written', asset_no, site_code, 0.03)
    end as site_code,
    mangled('asset cost centre as written', asset_no, cost_centre, 0.03) as cost_centre,
    case when extra = 1 and fault_kind = 'duplicate_key' and asset_no % 2 = 0 then updated_at - interval 40 day
        else updated_at end as updated_at
from with_extras;

-- One row per ticket: where and when it was raised, what it is about, when somebody takes it up.
create table ticket_core as
with
raised as (
    select day_no, day, month_no, unnest(range(first_ticket, end_ticket)) as ticket_no
    from days
    order by day_no
),
placed as (
    select
        raised.*,
        sites.site_no,
        sites.kind,
        case
            when ticket_no % 12 = pick('ticket with software request', ticket_no // 12, 12) then 22
            else topic_wheel.topic_no
        end as topic_no
    from raised
    inner join site_wheel on pick('ticket site', ticket_no, (select count(*) from site_wheel)) = site_wheel.slot
    inner join sites on site_wheel.site_no = sites.site_no
    inner join topic_wheel on pick('ticket topic', ticket_no, (select count(*) from topic_wheel)) = topic_wheel.slot
),
timed as (
    select
        placed.*,
        site_days.midnight_utc,
        case
            when chance('ticket hour', ticket_no) < case kind when 'contact centre' then 0.20 else 0.05 end
                then between_whole('ticket odd minute', ticket_no, 6 * 60, 22 * 60)
            when chance('ticket morning', ticket_no) < 0.55
                then between_whole('ticket minute 1', ticket_no, 0, 150)
                    + between_whole('ticket minute 2', ticket_no, 0, 150) + 465
            else between_whole('ticket minute 1', ticket_no, 0, 150)
                + between_whole('ticket minute 2', ticket_no, 0, 150) + 780
        end * 60 + pick('ticket second', ticket_no, 60) as local_second,
        case
            when chance('taken up', ticket_no) < 0.62 then 0
            when chance('taken up', ticket_no) < 0.90 then 1
            else between_whole('taken up after days', ticket_no, 2, 6)
        end as days_waiting
    from placed
    inner join site_days on placed.day_no = site_days.day_no and placed.site_no = site_days.site_no
),
scheduled as (
    select
        *,
        -- A site's day may lie partly outside the period in UTC: what falls out is raised a day earlier or later.
        midnight_utc + to_seconds(local_second + 86400 * case
            when midnight_utc + to_seconds(local_second) > getvariable('as_of') then -1
            when midnight_utc + to_seconds(local_second) < getvariable('first_month') then 1
            else 0
        end) as opened_at,
        case
            when days_waiting = 0
                then opened_at + to_seconds(between_whole('seconds to take up', ticket_no, 300, 9000))
            -- Another day, and none of a weekend.
            else greatest(
                opened_at + interval 5 minute,
                midnight_utc
                + to_days(cast(days_waiting + [0, 0, 0, 0, 0, 2, 1][isodow(day + cast(days_waiting as integer))]
                    as integer))
                + to_seconds(between_whole('taken up at', ticket_no, 30600, 57600))
            )
        end as taken_up_at
    from timed
)
select
    scheduled.ticket_no,
    scheduled.month_no,
    scheduled.topic_no,
    scheduled.kind,
    scheduled.opened_at,
    scheduled.taken_up_at,
    case when chance('ticket without text', ticket_no) >= 0.04
        then cast((scheduled.topic_no * 5 + pick('ticket text', ticket_no, 5)) * 12
            + pick('ticket ending', ticket_no, 12) as integer)
    end as sentence_no,
    scheduled.site_no as real_site_no,
    case when chance('ticket without site', ticket_no) >= 0.03 then scheduled.site_no end as site_no,
    case when chance('ticket without cost centre', ticket_no) >= 0.12
        then cost_centres.cost_centre_no end as cost_centre_no,
    ticket_blocks.task_count,
    9 * (ticket_no // 5) + ticket_blocks.tasks_before as first_task
from scheduled
inner join cost_centres
    on
        case
            when chance('cost centre of others', ticket_no) >= 0.03 then scheduled.kind
            when scheduled.kind = 'office' then 'contact centre'
            else 'office'
        end = cost_centres.kind
        and least(pick('ticket cost centre', ticket_no, 8), pick('ticket cost centre again', ticket_no, 8)) =
            cost_centres.place
inner join ticket_blocks
    on pick('arrangement', ticket_no // 5, 6) = ticket_blocks.arrangement and ticket_no % 5 = ticket_blocks.place
order by scheduled.ticket_no;

create view generated_tickets as
with
rows as (
    select
        ticket_core.*,
        faults.fault_kind,
        readable_id('TKT-', ticket_no + 1, 7) as ticket_id,
        topics.ticket_type,
        ticket_sentences.sentence,
        sites.site_code,
        cost_centres.cost_centre,
        ticket_core.taken_up_at + to_seconds(between_whole('closed after', ticket_no, 50000, 260000)) as closes_at
    from ticket_core
    inner join topics on ticket_core.topic_no = topics.topic_no
    left join ticket_sentences on ticket_core.sentence_no = ticket_sentences.sentence_no
    left join sites on ticket_core.site_no = sites.site_no
    left join cost_centres on ticket_core.cost_centre_no = cost_centres.cost_centre_no
    left join (select * from faults where pool = 'service_tickets') as faults on faults.n = ticket_core.ticket_no
),
dated as (
    select
        * replace (case when closes_at <= getvariable('as_of') then closes_at end as closes_at),
        least(
            getvariable('as_of'),
            case when closes_at <= getvariable('as_of') then closes_at else opened_at end
            + to_seconds(between_whole('ticket updated', ticket_no, 30, 40000))
        ) as updated_at
    from rows
),
with_extras as (
    select 0 as extra, * from dated
    union all
    select 1 as extra, * from dated where fault_kind in ('missing_key', 'duplicate_key')
)
select
    extra,
    ticket_no as row_no,
    case
        when extra = 1 and fault_kind = 'missing_key' then nothing('blank ticket id', ticket_no)
        when extra = 1 and ticket_no % 2 = 0 then lower(ticket_id)
        when fault_kind is not null then ticket_id
        else mangled('ticket id as written', ticket_no, ticket_id, 0.004)
    end as ticket_id,
    case fault_kind
        when 'missing_ticket_type' then nothing('blank ticket type', ticket_no)
        when 'unknown_ticket_type'
            then ['incdent', 'problem', 'request', 'SR'][pick('wrong ticket type', ticket_no, 4) + 1]
        else mangled('ticket type as written', ticket_no, ticket_type, 0.02)
    end as ticket_type,
    case
        when chance('shouted', ticket_no) < 0.04 then upper(sentence)
        when chance('shouted', ticket_no) < 0.12 then lower(sentence)
        else sentence
    end as short_description,
    case
        when extra = 1 and fault_kind = 'duplicate_key' and ticket_no % 2 = 0 then 'LON-HQ'
        else mangled('ticket site as written', ticket_no, site_code, 0.03)
    end as site_code,
    mangled('ticket cost centre as written', ticket_no, cost_centre, 0.03) as cost_centre,
    concat('USR-', lpad(cast(pick('requester', ticket_no, getvariable('requesters')) + 1 as varchar), 6, '0'))
        as requester_id,
    case
        when chance('ticket priority', ticket_no) < 0.03 then 'P1'
        when chance('ticket priority', ticket_no) < 0.18 then 'P2'
        when chance('ticket priority', ticket_no) < 0.62 then 'P3'
        when chance('ticket priority', ticket_no) < 0.98 then 'P4'
    end as priority,
    case when fault_kind = 'missing_opened_at' then null else opened_at end as opened_at,
    case
        when fault_kind = 'closed_before_opened'
            then opened_at - to_seconds(between_whole('closed too soon', ticket_no, 60, 90000))
        when fault_kind = 'duplicate_key' and extra = 1 and ticket_no % 2 = 0 then null
        else closes_at
    end as closed_at,
    case
        when fault_kind = 'updated_before_opened'
            then opened_at - to_seconds(between_whole('ticket updated too soon', ticket_no, 3600, 200000))
        when fault_kind = 'duplicate_key' and extra = 1 and ticket_no % 2 = 0 then updated_at - interval 3 day
        else updated_at
    end as updated_at
from with_extras;

-- One software request for one ticket of every twelve.
create view out_software_requests as
with
rows as (
    select
        ticket_core.ticket_no // 12 as request_no,
        faults.fault_kind,
        readable_id('SWR-', ticket_core.ticket_no // 12 + 1, 6) as software_request_id,
        readable_id('TKT-', ticket_core.ticket_no + 1, 7) as ticket_id,
        ['Visio', 'Project', 'Acrobat Pro', 'Office 365 E3', 'Snagit', 'AutoCAD LT', 'Power BI Pro', 'Tableau'][
            pick('software', ticket_core.ticket_no // 12, 8) + 1
        ] as product,
        ['subscription', 'subscription', 'perpetual', 'trial', null][pick('licence', ticket_core.ticket_no // 12, 5)
            + 1] as licence_type,
        ticket_core.opened_at as requested_at,
        least(getvariable('as_of'), ticket_core.opened_at
            + to_seconds(between_whole('request updated', ticket_core.ticket_no, 60, 400000)))
            as updated_at
    from ticket_core
    left join (select * from faults where pool = 'software_requests')
        as faults on faults.n = ticket_core.ticket_no // 12
    where
        ticket_core.topic_no = 22
        and ticket_core.ticket_no % 12 = pick('ticket with software request', ticket_core.ticket_no // 12, 12)
),
with_extras as (
    select 0 as extra, * from rows
    union all
    select 1 as extra, * from rows where fault_kind in ('missing_key', 'duplicate_key')
)
select
    extra,
    request_no as row_no,
    case
        when extra = 1 and fault_kind = 'missing_key' then nothing('blank request id', request_no)
        when fault_kind is not null then software_request_id
        else mangled('request id as written', request_no, software_request_id, 0.004)
    end as software_request_id,
    case
        when fault_kind = 'orphan_ticket' then readable_id('TKT-', 10 * getvariable('tickets') + request_no, 7)
        else mangled('ticket of the request as written', request_no, ticket_id, 0.02)
    end as ticket_id,
    case when fault_kind = 'missing_product' then nothing('blank product', request_no) else product end as product,
    licence_type,
    case when fault_kind = 'missing_requested_at' then null else requested_at end as requested_at,
    case when extra = 1 and fault_kind = 'duplicate_key' then updated_at - interval 5 hour
        else updated_at end as updated_at
from with_extras;

-- The ways a task can be completed, per tier; where a tier has none, any.
create table method_wheel as
with
hints as (
    select unnest(['SIMPLE', 'MODERATE', 'COMPLEX']) as tier_hint
),
fitting as (
    select hints.tier_hint, seed_methods.method_no
    from hints
    inner join seed_methods on
        hints.tier_hint = seed_methods.tier_key
        or not exists (select 1 from seed_methods as same where same.tier_key = hints.tier_hint)
)
select
    tier_hint,
    method_no,
    row_number() over (partition by tier_hint order by method_no) - 1 as slot,
    count(*) over (partition by tier_hint) as slots
from fitting
order by tier_hint, method_no;

create table method_counts as
select tier_hint, max(slots) as slots from method_wheel group by all;

-- One row per task that tickets gave rise to, with what the contract makes of it.
create table task_core as
with
given as (
    select
        ticket_core.* exclude (first_task, task_count),
        unnest(range(first_task, first_task + task_count)) - first_task as place_in_ticket,
        unnest(range(first_task, first_task + task_count)) as task_no
    from ticket_core
),
linked as (
    select
        given.*,
        faults.fault_kind,
        case
            when faults.fault_kind = 'orphan_asset' then -1
            when chance('task with asset', task_no) < 0.45
                then site_assets.first_asset
                    + pick('task asset', task_no, greatest(1, site_assets.end_asset - site_assets.first_asset))
        end as asset_no,
        case
            when faults.fault_kind = 'orphan_software_request' then -1
            when topic_no = 22 and ticket_no % 12 = pick('ticket with software request', ticket_no // 12, 12)
                then ticket_no // 12
        end as request_no
    from given
    inner join site_assets on given.real_site_no = site_assets.site_no
    left join (select * from faults where pool = 'service_tasks') as faults on faults.n = given.task_no
),
-- The ticket's own codes, else the asset's; a task whose ticket cannot be found has the asset's alone.
codes as (
    select
        linked.*,
        coalesce(
            case when fault_kind in ('orphan_ticket', 'missing_ticket_id') then null
                else linked.site_no end, asset_places.site_no
        ) as effective_site_no,
        coalesce(
            case when fault_kind in ('orphan_ticket', 'missing_ticket_id') then null else linked.cost_centre_no end,
            asset_places.cost_centre_no
        ) as effective_cost_centre_no,
        case when fault_kind in ('orphan_ticket', 'missing_ticket_id') then null
            else linked.sentence_no end as effective_sentence_no
    from linked
    left join asset_places on linked.asset_no = asset_places.asset_no
),
in_environments as (
    select
        codes.*,
        least(site_rules.rule_rank, cost_centre_rules.rule_rank, ticket_sentences.rule_rank) as rule_rank
    from codes
    left join site_rules on codes.effective_site_no = site_rules.site_no
    left join cost_centre_rules on codes.effective_cost_centre_no = cost_centre_rules.cost_centre_no
    left join ticket_sentences on codes.effective_sentence_no = ticket_sentences.sentence_no
),
hinted as (
    select
        in_environments.* exclude (sentence_no, site_no, cost_centre_no, effective_site_no, effective_cost_centre_no,
            effective_sentence_no),
        case
            when fault_kind in ('orphan_ticket', 'missing_ticket_id') then 'SIMPLE'
            -- Nothing complex is completed in these months for tickets of no environment, yet the provider bills some.
            when rule_rank is null
                and month_no >= getvariable('months') - 13
                and (month_no % 4 = 1 or month_no % 4 = 0 and dayofmonth(opened_at) > 14)
                then 'SIMPLE'
            when chance('other tier', task_no) < 0.12
                then ['SIMPLE', 'SIMPLE', 'MODERATE', 'COMPLEX'][pick('which other tier', task_no, 4) + 1]
            else topics.tier_hint
        end as tier_hint
    from in_environments
    inner join topics on in_environments.topic_no = topics.topic_no
),
with_methods as (
    select
        hinted.*,
        method_wheel.method_no,
        hinted.taken_up_at + to_seconds(
            place_in_ticket * 5400 + between_whole('task waits', task_no, 0, 1800)
        ) as started_at,
        case hinted.tier_hint
            when 'SIMPLE' then between_whole('task takes', task_no, 240, 2700)
            when 'MODERATE' then between_whole('task takes', task_no, 1500, 9000)
            else between_whole('task takes', task_no, 5400, 26000)
        end as seconds_taken
    from hinted
    inner join method_counts on hinted.tier_hint = method_counts.tier_hint
    inner join method_wheel
        on hinted.tier_hint = method_wheel.tier_hint
        and pick('method', hinted.task_no, method_counts.slots) = method_wheel.slot
),
with_status as (
    select
        * exclude (seconds_taken, tier_hint, place_in_ticket, taken_up_at, opened_at),
        started_at + to_seconds(seconds_taken) as completed_at,
        opened_at as raised_at,
        case
            when fault_kind is null and started_at + to_seconds(seconds_taken) > getvariable('as_of') then 'open'
            when fault_kind is null and chance('cancelled', task_no) < 0.03 then 'cancelled'
            when fault_kind is null and chance('left open', task_no) < 0.003 then 'open'
            else 'completed'
        end as task_status,
        case
            when fault_kind = 'non_positive_quantity' then -pick('wrong quantity', task_no, 3)
            when chance('quantity', task_no) < 0.10 then null
            when chance('quantity', task_no) < 0.86 then 1
            else between_whole('how many', task_no, 2, 6)
        end as quantity
    from with_methods
)
select
    with_status.* exclude (completed_at),
    case
        when fault_kind = 'no_rate_on_completion_day'
            then cast((select min(valid_from) from seed_tier_rates) as timestamp)
                - to_seconds(between_whole('long ago', task_no, 86400, 20 * 86400))
        else completed_at
    end as completed_at
from with_status
order by task_no;

create view generated_tasks as
with
rows as (
    select
        task_core.*,
        readable_id('TSK-', task_no + 1, 7) as task_id,
        seed_methods.completion_method,
        case
            when task_core.quantity > 1 then replace(task_texts.text, '{n}', cast(task_core.quantity as varchar))
            else replace(replace(replace(task_texts.text, ' x{n}', ''), 'x{n} ', ''), '{n} ', '')
        end as text,
        case
            when task_status = 'completed'
                then least(getvariable('as_of'), greatest(completed_at, started_at)
                    + to_seconds(between_whole('task updated', task_no, 20, 90000)))
            when task_status = 'cancelled'
                then least(getvariable('as_of'), raised_at
                + to_seconds(between_whole('task updated', task_no, 20, 90000)))
            else least(getvariable('as_of'), greatest(raised_at, started_at))
        end as updated_at
    from task_core
    inner join task_texts
        on task_core.topic_no = task_texts.topic_no and pick('task text', task_core.task_no, 5) = task_texts.text_no
    inner join seed_methods on task_core.method_no = seed_methods.method_no
),
with_extras as (
    select 0 as extra, * from rows
    union all
    select 1 as extra, * from rows where fault_kind = 'duplicate_key'
)
select
    extra,
    task_no as row_no,
    case
        when fault_kind = 'missing_key' then nothing('blank task id', task_no)
        when extra = 1 and task_no % 3 < 2 then lower(task_id)
        when fault_kind is not null then task_id
        else mangled('task id as written', task_no, task_id, 0.004)
    end as task_id,
    case fault_kind
        when 'missing_ticket_id' then nothing('blank ticket of the task', task_no)
        when 'orphan_ticket' then readable_id('TKT-', 10 * getvariable('tickets') + task_no, 7)
        else mangled('ticket of the task as written', task_no, readable_id('TKT-', ticket_no + 1, 7), 0.02)
    end as ticket_id,
    case
        when asset_no = -1 then readable_id('AST-', 10 * getvariable('assets') + task_no, 6)
        when asset_no is not null
            then mangled('tag of the task as written', task_no, readable_id('AST-', asset_no + 1, 6), 0.02)
    end as asset_tag,
    case
        when request_no = -1 then readable_id('SWR-', 10 * getvariable('software_requests') + task_no, 6)
        when request_no is not null
            then mangled('request of the task as written', task_no, readable_id('SWR-', request_no + 1, 6), 0.02)
    end as software_request_id,
    case
        when chance('task without text', task_no) < 0.01 then null
        when chance('task without text', task_no) < 0.06 then upper(text)
        when chance('task without text', task_no) < 0.10
            then concat(text[:pick('typo', task_no, 6) + 3], text[pick('typo', task_no, 6) + 5:])
        else concat(text, [null, null, null, null, null, ' asap', ' pls', ' ok', ' - done', ', tested w/ user',
            ' (2nd visit)', ' .'][
            pick('task ending', task_no, 12) + 1
        ])
    end
    -- Most notes say whom or which call they were about, so that hardly two are the same.
    || case
        when chance('task says whom', task_no) < 0.30
            then concat(' for usr-', lpad(cast(1 + pick('task for whom', task_no, getvariable('requesters')) as varchar),
                6, '0'))
        when chance('task says whom', task_no) < 0.60
            then concat(', call #', lpad(cast(pick('call of the task', task_no, 90000000) as varchar), 8, '0'))
        else ''
    end as task_description,
    case
        when task_status <> 'completed' then null
        when fault_kind = 'missing_completion_method' then nothing('blank method', task_no)
        when fault_kind = 'unknown_completion_method'
            then ['Walk-up', 'Tel', 'Carrier', 'Remote sesion'][pick('wrong method', task_no, 4) + 1]
        else mangled('method as written', task_no, completion_method, 0.03)
    end as completion_method,
    case
        when task_status = 'open' and started_at > getvariable('as_of') then null
        when chance('unknown technician', task_no) >= 0.006
            then concat('TECH-', lpad(cast(
                1
                    + pick('technician', task_no, greatest(1,
                    getvariable('technicians') * (month_no + 2 * getvariable('months')) // (3
                    * getvariable('months'))))
                as varchar), 4, '0'))
    end as technician_id,
    cast(case when extra = 1 and task_no % 3 = 1 then 7 else quantity end as integer) as quantity,
    case
        when fault_kind = 'missing_task_status' then nothing('blank status', task_no)
        when fault_kind = 'unknown_task_status'
            then ['done', 'Complete', 'resolved', 'WIP'][pick('wrong status', task_no, 4) + 1]
        when extra = 1 and task_no % 3 = 0 then 'open'
        else mangled('status as written', task_no, task_status, 0.02)
    end as task_status,
    case
        when task_status = 'cancelled' or started_at > getvariable('as_of')
            or fault_kind = 'no_rate_on_completion_day' then null
        when fault_kind = 'completed_before_started' then completed_at
            + to_seconds(between_whole('started late', task_no, 600, 20000))
        else started_at
    end as started_at,
    case
        when task_status <> 'completed' or fault_kind = 'missing_completed_at' or extra = 1 and task_no % 3 = 0
            then null
        else completed_at
    end as completed_at,
    case
        when fault_kind = 'updated_before_completed' then completed_at
            - to_seconds(between_whole('task updated too soon', task_no, 600, 90000))
        when extra = 1 and task_no % 3 < 2 then updated_at - interval 2 day
        else updated_at
    end as updated_at
from with_extras;
