insert into truth
select
    'msp',
    faults.pool,
    fault_kind,
    case
        when fault_kind = 'missing_key'
            then concat('(none)-', row_number() over (partition by faults.pool, fault_kind order by n))
        else readable_id(
            case faults.pool
                when 'service_tickets' then 'TKT-'
                when 'service_tasks' then 'TSK-'
                when 'hardware_assets' then 'AST-'
                else 'SWR-'
            end,
            n + 1,
            case when faults.pool in ('service_tickets', 'service_tasks') then 7 else 6 end
        )
    end,
    'dq_failing_rows',
    null,
    null
from faults
where faults.pool in ('service_tickets', 'service_tasks', 'hardware_assets', 'software_requests');

insert into truth
select
    'msp',
    'msp_invoice_lines',
    fault_kind,
    case
        when fault_kind = 'missing_key'
            then concat('(none)-', row_number() over (partition by fault_kind order by billing_month))
        else invoice_line_id
    end,
    'dq_failing_rows',
    null,
    null
from invoice_lines
where fault_kind is not null;

insert into truth
with
invoiced as (
    select
        billing_month,
        environment,
        case when fault_kind = 'missing_tier' then 'Untiered' else tier end as tier,
        sum(activity_points) as points,
        sum(coalesce(amount_gbp, 0)) as amount,
        max(case when role like 'unknown%' then 'not_calculated' else role end) as role
    from invoice_lines
    where coalesce(fault_kind, '') <> 'missing_billing_month'
    group by all
),
compared as (
    select
        coalesce(cells.billing_month, invoiced.billing_month) as billing_month,
        coalesce(cells.environment, invoiced.environment) as environment,
        coalesce(cells.tier, invoiced.tier) as tier,
        coalesce(cells.amount, 0) as calculated,
        coalesce(invoiced.amount, 0) as billed,
        coalesce(invoiced.role, case when cells.amount <> 0 then 'not_invoiced' end) as cause
    from cells
    full outer join invoiced
        on cells.billing_month = invoiced.billing_month and cells.environment = invoiced.environment
            and cells.tier = invoiced.tier
)
select
    'msp',
    'msp_invoice_lines',
    cause,
    concat(billing_month, '|', environment, '|', tier),
    'rpt_msp_invoice_variance',
    cause,
    concat('calculated ', calculated, ' GBP, invoiced ', billed, ' GBP')
from compared
where abs(billed - calculated) > 0.01 * abs(calculated);

insert into truth
select
    'msp', 'activity_point_overrides', concat('override_', override_status), override_id, 'rpt_msp_override_audit',
        override_status, null
from override_statuses;
