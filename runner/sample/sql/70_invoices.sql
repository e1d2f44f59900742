-- Tasks that stand at any scale, months before the last one, for the example overrides of the seed to name.
create table planted_tasks as
with
given (
    planted_no, months_back, site_code, cost_centre, short_description, topic_text, completion_method, quantity,
        day_of_month, hour_of_day,
    minutes_taken
) as (
    values
    (1, 1, 'MAN-OFF', 'CORP-OPS', 'laptop wont power on', 'lptop rebuild on site, logged as remote', 'Remote session',
        1, 12, 9, 190),
    (2, 1, 'LON-HQ', 'CORP-SALES', 'Relocation of team', 'desk move x12, one visit', 'Desk visit', 12, 14, 8, 210),
    (3, 1, 'DVT-WH', 'WHS-01', 'Barcode scanners offline in loading bay',
        'vendor engineer called out, scanner gateway', 'Phone', 1, 19, 13, 45),
    (4, 1, 'GLA-CC', 'CC1010', 'headset mic fault', 'headset swapped - dup of earlier task', 'Phone', 1, 20, 15, 10),
    (5, 2, 'LDS-CC', 'CC2010', 'Desktop dead', 'pc + both monitors swapped', 'Hardware swap', 2, 16, 10, 120),
    (6, 1, 'NYC-HQ', 'CORP-FIN', 'Install Visio', 'visio install, 3 attempts', 'Remote install', 1, 21, 15, 95),
    (7, 1, 'TOR-OFF', 'CORP-IT', 'Printer jam', 'printer fuser replaced', 'Depot repair', 1, 26, 16, 80)
)
select
    given.*,
    concat('TSK-E', lpad(cast(planted_no as varchar), 6, '0')) as task_id,
    concat('TKT-E', lpad(cast(planted_no as varchar), 6, '0')) as ticket_id,
    seed_methods.tier_key,
    cast(months_later(getvariable('end_month'), -months_back) as timestamp)
    + to_days(cast(day_of_month - 1 as integer)) + to_hours(cast(hour_of_day as integer)) as started_at,
    started_at + to_minutes(cast(minutes_taken as integer)) as completed_at,
    (
        select min(rank)
        from seed_environment_rules
        where regexp_matches(
            case field when 'cost_centre' then cost_centre when 'site_code' then site_code
                else short_description end, pattern, 'i'
        )
    ) as rule_rank
from given
left join seed_methods on upper(given.completion_method) = upper(seed_methods.completion_method)
order by planted_no;

create view out_service_tickets as
select * from generated_tickets
union all
select
    2 as extra,
    planted_no as row_no,
    ticket_id,
    'service_request' as ticket_type,
    short_description,
    site_code,
    cost_centre,
    concat('USR-00000', planted_no) as requester_id,
    'P3' as priority,
    started_at - interval 95 minute as opened_at,
    completed_at + interval 1 day as closed_at,
    completed_at + interval 25 hour as updated_at
from planted_tasks;

create view out_service_tasks as
select * from generated_tasks
union all
select
    2 as extra,
    planted_no as row_no,
    task_id,
    ticket_id,
    null as asset_tag,
    null as software_request_id,
    topic_text as task_description,
    completion_method,
    concat('TECH-000', planted_no) as technician_id,
    cast(quantity as integer) as quantity,
    'completed' as task_status,
    started_at,
    completed_at,
    completed_at + interval 35 minute as updated_at
from planted_tasks;

-- What the contract makes of the tasks, before overrides. Without a known method a task is Untiered and worth nothing.
create view valued_tasks as
with
completed as (
    select
        case when fault_kind = 'missing_key' then null else task_no end as task_no,
        null as planted_no,
        completed_at,
        rule_rank,
        case when fault_kind in ('missing_completion_method', 'unknown_completion_method') then null
            else seed_methods.tier_key end as tier_key,
        greatest(coalesce(quantity, 1), 0) as quantity
    from task_core
    inner join seed_methods on task_core.method_no = seed_methods.method_no
    where
        task_status = 'completed'
        and coalesce(fault_kind, '') not in ('missing_task_status', 'unknown_task_status', 'missing_completed_at')
    union all
    select null as task_no, planted_no, completed_at, rule_rank, tier_key, quantity
    from planted_tasks
)
select
    completed.task_no,
    completed.planted_no,
    month_of(completed.completed_at) as billing_month,
    cast(completed.completed_at as date) as completed_on,
    coalesce(seed_environment_rules.environment, 'Unassigned') as environment,
    completed.tier_key,
    completed.quantity,
    coalesce(seed_tier_rates.rate_gbp_per_point, 0) as rate,
    coalesce(seed_tier_rates.points_per_task, 0) * cast(completed.quantity as decimal(9, 0)) as points
from completed
left join seed_environment_rules on completed.rule_rank = seed_environment_rules.rank
left join seed_tier_rates
    on completed.tier_key = seed_tier_rates.tier_key
    and cast(completed.completed_at as date) >= seed_tier_rates.valid_from
    and (seed_tier_rates.valid_to is null or cast(completed.completed_at as date) < seed_tier_rates.valid_to);

create table cells_without_overrides as
select
    billing_month,
    environment,
    tier_key,
    count(*) as task_count,
    cast(sum(points) as decimal(18, 4)) as points,
    cast(sum(round(cast(points as decimal(18, 4)) * rate, 2)) as decimal(18, 2)) as amount
from valued_tasks
group by all;

-- Overrides: who exists, which of several wins, what the task is worth then.
create table override_statuses as
with
named as (
    select
        seed_overrides.*,
        planted_tasks.planted_no,
        case
            when task_key = readable_id('TSK-', cast(try_cast(substr(task_key, 5) as bigint) as varchar), 7)
                and try_cast(substr(task_key, 5) as bigint) between 1 and getvariable('tasks')
                then try_cast(substr(task_key, 5) as bigint) - 1
        end as task_no
    from seed_overrides
    left join planted_tasks on seed_overrides.task_key = planted_tasks.task_id
),
judged as (
    select
        *,
        case
            when approved_by = requested_by then 'rejected'
            when approved_by is null or approved_on is null or approved_on > getvariable('end_date') then 'pending'
            when override_type = 'adjust_amount' then 'applied'
            when planted_no is null and task_no is null then 'orphaned'
        end as settled
    from named
),
ranked as (
    select
        *,
        row_number() over (partition by settled is null, task_key order by approved_on desc, override_id desc) as rank
    from judged
)
select
    * exclude (settled, rank),
    case when settled is not null then settled when rank = 1 then 'applied' else 'superseded' end as override_status
from ranked
order by override_id;

create table overridden_tasks as
with
won as (
    select * from override_statuses where override_status = 'applied' and override_type <> 'adjust_amount'
),
matched as (
    select
        won.override_id,
        won.override_type,
        won.override_value,
        valued_tasks.*
    from won
    inner join valued_tasks on won.task_no = valued_tasks.task_no or won.planted_no = valued_tasks.planted_no
),
retiered as (
    select
        matched.*,
        round(cast(matched.points as decimal(18, 4)) * matched.rate, 2) as amount,
        case when override_type = 'set_tier' then upper(override_value) else matched.tier_key end as new_tier_key,
        seed_tier_rates.points_per_task * cast(matched.quantity as decimal(9, 0)) as tier_points,
        seed_tier_rates.rate_gbp_per_point as tier_rate
    from matched
    left join seed_tier_rates
        on matched.override_type = 'set_tier'
        and upper(matched.override_value) = seed_tier_rates.tier_key
        and matched.completed_on >= seed_tier_rates.valid_from
        and (seed_tier_rates.valid_to is null or matched.completed_on < seed_tier_rates.valid_to)
)
select
    *,
    cast(case override_type
        when 'set_tier' then coalesce(tier_points, 0)
        when 'set_points' then cast(override_value as decimal(18, 4))
        when 'exclude' then 0
        else points
    end as decimal(18, 4)) as new_points,
    cast(case override_type
        when 'set_tier' then round(cast(coalesce(tier_points, 0) as decimal(18, 4)) * coalesce(tier_rate, 0), 2)
        when 'set_points' then round(cast(override_value as decimal(18, 4)) * rate, 2)
        when 'set_amount' then round(cast(override_value as decimal(18, 4)), 2)
        when 'exclude' then 0
        else amount
    end as decimal(18, 2)) as new_amount
from retiered;

create table cells as
with
changes as (
    select billing_month, environment, tier_key, task_count, points, amount, 0 as is_change
    from cells_without_overrides
    union all
    select billing_month, environment, tier_key, -1, -points, -amount, 1
    from overridden_tasks
    union all
    select billing_month, environment, new_tier_key, 1, new_points, new_amount, 1
    from overridden_tasks
    union all
    select billing_month, environment, coalesce(upper(tier), 'ALL'), 0, 0,
        round(cast(override_value as decimal(18, 4)), 2), 1
    from override_statuses
    where override_status = 'applied' and override_type = 'adjust_amount'
),
summed as (
    select
        billing_month,
        environment,
        tier_key,
        cast(sum(task_count) as bigint) as task_count,
        cast(sum(points) as decimal(18, 4)) as points,
        cast(sum(amount) as decimal(18, 2)) as amount,
        cast(coalesce(sum(points) filter (where is_change = 0), 0) as decimal(18, 4)) as points_without,
        cast(coalesce(sum(amount) filter (where is_change = 0), 0) as decimal(18, 2)) as amount_without,
        max(is_change) as has_override
    from changes
    group by all
)
select
    summed.*,
    months.month_no,
    case summed.tier_key when 'ALL' then 'All' else coalesce(tiers.tier, 'Untiered') end as tier
from summed
left join months on summed.billing_month = months.month
left join (select tier_key, min(tier) as tier from seed_tier_rates group by all)
    as tiers on summed.tier_key = tiers.tier_key
order by summed.billing_month, summed.environment, tier;

-- What becomes of each cell on its way to the invoice. Recent months have one of each cause, so that there is
-- something to see.
create table cell_roles as
with
candidates as (
    select *, hash(concat(getvariable('seed'), billing_month, environment, tier)) as draw
    from cells
    where
        environment <> 'Unassigned' and tier_key is not null and month_no is not null and has_override = 0
            and amount > 0
        and task_count > 1
),
recent as (
    select *, row_number() over (order by draw) as place
    from candidates
    where month_no between getvariable('months') - 5 and getvariable('months') - 2
),
recent_roles as (
    select billing_month, environment, tier, roles.role
    from recent
    inner join (
        select unnest(['not_invoiced', 'rate_difference', 'volume_difference', 'rate_difference', 'volume_difference',
            'credited']) as role,
            unnest(range(1, 7)) as place
    ) as roles on recent.place = roles.place
    union all
    select billing_month, environment, tier, 'not_invoiced' as role
    from (
        select * from candidates where month_no = getvariable('months') - 1 order by draw limit 1
    )
),
late as (
    select *, row_number() over (order by draw) as place
    from candidates
    where month_no < getvariable('months') - 5
),
older_roles as (
    select late.billing_month, late.environment, late.tier, roles.role
    from late
    inner join (
        select unnest([
            'received_late', 'missing_key', 'missing_amount_gbp', 'duplicate_key', 'billing_month_not_first_day',
                'not_invoiced',
            'rate_difference', 'volume_difference', 'missing_billing_month', 'missing_tier', 'unknown_environment',
                'unknown_tier',
            'received_late', 'missing_key', 'missing_amount_gbp', 'duplicate_key', 'billing_month_not_first_day',
                'not_invoiced',
            'missing_billing_month', 'missing_tier', 'unknown_environment', 'unknown_tier', 'rounded_as_a_whole',
            'received_late', 'missing_key', 'missing_amount_gbp', 'duplicate_key', 'billing_month_not_first_day',
            'rate_difference', 'volume_difference', 'missing_billing_month', 'missing_tier', 'unknown_environment',
                'unknown_tier',
            'credited', 'credited', 'rounded_as_a_whole', 'credited'
        ]) as role, unnest(range(1, 39)) as place
    ) as roles on late.place = roles.place
),
-- The tier of these lines is right, their environment is empty: none reads Unassigned, which it is.
unassigned_roles as (
    select billing_month, environment, tier, 'missing_environment' as role
    from (
        select *, row_number() over (order by hash(concat(getvariable('seed'), billing_month))) as place
        from cells
        where environment = 'Unassigned' and tier_key is not null and month_no is not null and has_override = 0
            and amount > 0
    )
    where place <= 3
)
select * from recent_roles
union all
select * from older_roles
union all
select * from unassigned_roles;

create table invoice_cells as
select
    cells.*,
    case
        when cells.has_override = 1 and cells.environment = 'Unassigned' and cells.amount_without > 0
            then 'override_not_billed'
        when cells.month_no is null then 'outside'
        else coalesce(cell_roles.role, case
            when hash(concat('split', cells.billing_month, cells.environment, cells.tier)) % 9 = 0 then 'split'
            else 'plain' end)
    end as role,
    coalesce(rates.points_per_task, 1) as points_per_task,
    coalesce(rates.rate_gbp_per_point, 1) as rate
from cells
left join cell_roles
    on cells.billing_month = cell_roles.billing_month and cells.environment = cell_roles.environment
        and cells.tier = cell_roles.tier
left join seed_tier_rates as rates
    on cells.tier_key = rates.tier_key
    and cells.billing_month >= rates.valid_from
    and (rates.valid_to is null or cells.billing_month < rates.valid_to)
order by cells.billing_month, cells.environment, cells.tier;

-- A cell's lines: one, or several that add up to it. note says what is wrong with a line.
create table billed_lines as
with
lines as (
    -- What the whole cell is billed at.
    select
        billing_month, month_no, environment, tier, role, 1 as document, 1 as place,
        case role
            when 'override_not_billed' then points_without
            when 'volume_difference' then points + points_per_task * ceil(task_count * case when month_no % 2 = 0
                then 0.35 else 0.09 end)
            else points
        end as points,
        case role
            when 'override_not_billed' then amount_without
            when 'rate_difference' then round(amount * case when month_no % 2 = 0 then 1.04 else 0.9655 end, 2)
            when 'volume_difference' then amount + round(points_per_task * rate, 2)
                * ceil(task_count * case when month_no % 2 = 0 then 0.35 else 0.09 end)
            when 'rounded_as_a_whole' then amount + 0.01
            else amount
        end as amount
    from invoice_cells
    where role not in ('not_invoiced', 'outside') and (amount <> 0 or points <> 0 or role = 'override_not_billed')
),
parts as (
    select
        lines.*,
        part,
        round(points * 0.6, 4) as part_points,
        round(amount * 0.6, 2) as part_amount
    from lines, unnest(case when role in ('split', 'missing_key') then [1, 2] when role = 'credited' then [1, 2, 3]
        else [0] end) as parts (part)
)
select
    billing_month,
    month_no,
    environment,
    tier,
    role,
    case when role = 'credited' then part else 1 end as document,
    part,
    cast(case
        when role = 'credited' then [1, -1, 1][part] * points
        when part = 1 then part_points
        when part = 2 then points - part_points
        else points
    end as decimal(18, 4)) as activity_points,
    cast(case
        when role = 'credited' and part < 3 then [1, -1][part] * round(amount * 1.08, 2)
        when role = 'credited' then amount
        when part = 1 then part_amount
        when part = 2 then amount - part_amount
        else amount
    end as decimal(18, 2)) as amount_gbp,
    case
        when role in ('received_late', 'duplicate_key', 'billing_month_not_first_day', 'missing_environment')
            then role
        when role = 'missing_key' and part = 2 then role
    end as fault_kind
from parts
union all
-- Lines beside those of a cell: no amount, no tier, no month, or something nobody has heard of.
select
    billing_month,
    month_no,
    case when role = 'unknown_environment' then ['Retail', 'Warehouse', 'Franchise'][month_no % 3 + 1]
        else environment end,
    case when role = 'unknown_tier' then ['Premium', 'Bronze', 'Tier 4'][month_no % 3 + 1] else tier end,
    role,
    1,
    9,
    case when role like 'unknown%' then points_per_task * 6 else 0 end,
    case when role like 'unknown%' then round(points_per_task * 6 * rate, 2) when role = 'missing_amount_gbp'
        then null else 0 end,
    role
from invoice_cells
where role in ('missing_amount_gbp', 'missing_billing_month', 'missing_tier', 'unknown_environment', 'unknown_tier')
union all
-- Billed, though nothing of the kind was done.
select
    months.month, months.month_no, 'Unassigned', tiers.tier, 'not_calculated', 1, 0, 16,
        16 * tiers.rate_gbp_per_point, null
from months
inner join seed_tier_rates as tiers
    on tiers.tier_key = 'COMPLEX'
    and months.month >= tiers.valid_from
    and (tiers.valid_to is null or months.month < tiers.valid_to)
where
    months.month_no >= getvariable('months') - 12
    and months.month_no % 4 = 1
    and not exists (
        select 1
        from cells
        where cells.billing_month = months.month and cells.environment = 'Unassigned' and cells.tier_key = 'COMPLEX'
    );

create table invoice_lines as
with
numbered as (
    select
        *,
        row_number() over (partition by billing_month order by document, environment, tier, part) as line_no,
        least(
            getvariable('end_date'),
            months_later(billing_month, 1) + cast(
                case when fault_kind = 'received_late' then 66 + month_no % 20
                    else 2 + month_no % 6 + 9 * (document - 1) end
                as integer
            )
        ) as received_on
    from billed_lines
)
select *, concat('INL-', strftime(billing_month, '%Y%m'), '-', lpad(cast(line_no as varchar), 3, '0'))
    as invoice_line_id
from numbered
order by billing_month, line_no;

create view out_msp_invoice_lines as
with
with_extras as (
    select 0 as extra, * from invoice_lines
    union all
    select 1 as extra, * from invoice_lines where fault_kind = 'duplicate_key'
)
select
    extra,
    month_no * 10000 + line_no as row_no,
    case
        when fault_kind = 'missing_key' then nothing('blank line id', line_no)
        else invoice_line_id
    end as invoice_line_id,
    concat('INV-', strftime(billing_month, '%Y%m'), '-', lpad(cast(document as varchar), 2, '0')) as invoice_number,
    case fault_kind
        when 'missing_billing_month' then null
        when 'billing_month_not_first_day' then billing_month + 14
        else billing_month
    end as billing_month,
    case
        when fault_kind = 'missing_environment' then nothing('blank environment', month_no)
        when role like 'unknown%' then environment
        else mangled('environment as written', month_no * 1000 + line_no, environment, 0.08)
    end as environment,
    case
        when fault_kind = 'missing_tier' then nothing('blank tier', month_no)
        when role like 'unknown%' then tier
        else mangled('tier as written', month_no * 1000 + line_no, tier, 0.08)
    end as tier,
    cast(activity_points as decimal(18, 4)) as activity_points,
    cast(case when extra = 1 then amount_gbp + 25 else amount_gbp end as decimal(18, 2)) as amount_gbp,
    received_on,
    cast(received_on as timestamp) + interval 9 hour - case when extra = 1 then interval 3 hour
        else interval 0 hour end as updated_at
from with_extras;
