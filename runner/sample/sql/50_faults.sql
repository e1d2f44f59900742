-- What is wrong on purpose: so many of each kind at scale 1, in proportion at others, never fewer than two.
-- A pool is a stretch of row numbers in which each fault gets a row of its own, so that no two meet.
create table fault_plan (pool varchar, fault_kind varchar, at_scale_1 integer);
insert into fault_plan values
    ('service_tickets', 'missing_key', 3), ('service_tickets', 'missing_ticket_type', 4),
    ('service_tickets', 'missing_opened_at', 3), ('service_tickets', 'duplicate_key', 25),
    ('service_tickets', 'unknown_ticket_type', 5), ('service_tickets', 'closed_before_opened', 6),
    ('service_tickets', 'updated_before_opened', 4),
    ('service_tasks', 'missing_key', 3), ('service_tasks', 'missing_ticket_id', 6),
    ('service_tasks', 'missing_task_status', 4), ('service_tasks', 'missing_completion_method', 12),
    ('service_tasks', 'missing_completed_at', 5), ('service_tasks', 'duplicate_key', 40),
    ('service_tasks', 'unknown_task_status', 5), ('service_tasks', 'unknown_completion_method', 12),
    ('service_tasks', 'non_positive_quantity', 8), ('service_tasks', 'no_rate_on_completion_day', 3),
    ('service_tasks', 'orphan_ticket', 8), ('service_tasks', 'orphan_asset', 10),
    ('service_tasks', 'orphan_software_request', 4), ('service_tasks', 'completed_before_started', 8),
    ('service_tasks', 'updated_before_completed', 5),
    ('hardware_assets', 'missing_key', 3), ('hardware_assets', 'missing_asset_type', 5),
    ('hardware_assets', 'duplicate_key', 10),
    ('software_requests', 'missing_key', 3), ('software_requests', 'missing_product', 4),
    ('software_requests', 'missing_requested_at', 3), ('software_requests', 'duplicate_key', 6),
    ('software_requests', 'orphan_ticket', 4),
    -- Deals that are won, recurring and long running: each carries one fault of its entries.
    ('entries of a deal', 'duplicate_entry', 6), ('entries of a deal', 'currency_mismatch', 6),
    ('entries of a deal', 'missing_fx_rate', 3), ('entries of a deal', 'type_mismatch', 6),
    ('entries of a deal', 'timing_shift', 6), ('entries of a deal', 'missing_recognition', 8),
    ('entries of a deal', 'recognized_outside_term', 5), ('entries of a deal', 'amount_mismatch', 8),
    ('entries of a deal', 'posted_late', 5), ('entries of a deal', 'recognition_period_not_first_day', 6),
    ('entries of a deal', 'unknown_entry_type', 4), ('entries of a deal', 'duplicate_key', 8),
    ('entries of a deal', 'missing_key', 3), ('entries of a deal', 'missing_currency_code', 3),
    ('entries of a deal', 'missing_recognized_amount', 3), ('entries of a deal', 'missing_recognition_period', 3),
    ('entries of a deal', 'missing_posted_at', 3), ('entries of a deal', 'missing_revenue_type', 3),
    ('entries of a deal', 'unknown_revenue_type', 3), ('entries of a deal', 'posted after the end', 6),
    -- Entries that lack a deal: the deal of the row only lends them its month.
    ('entries without a deal', 'missing_deal_id', 4), ('entries without a deal', 'orphan_deal', 5),
    ('deals', 'missing_key', 3), ('deals', 'missing_customer_id', 3), ('deals', 'missing_contract_value', 3),
    ('deals', 'missing_booked_on', 3), ('deals', 'missing_deal_status', 3), ('deals', 'missing_currency_code', 3),
    ('deals', 'missing_revenue_type', 3), ('deals', 'duplicate_key', 12), ('deals', 'unknown_revenue_type', 3),
    ('deals', 'unknown_deal_status', 4), ('deals', 'unknown_currency_code', 3), ('deals', 'invalid_duration', 5),
    ('deals', 'end_before_start', 4), ('deals', 'cancelled_without_date', 5), ('deals', 'cancelled_before_booked', 3),
    ('deals', 'updated_before_booked', 4), ('deals', 'unbooked_recognition', 4),
    ('support_cases', 'missing_key', 3), ('support_cases', 'missing_priority', 5),
    ('support_cases', 'missing_created_at', 3),
    ('support_cases', 'missing_case_status', 3), ('support_cases', 'missing_resolved_at', 4),
    ('support_cases', 'duplicate_key', 15), ('support_cases', 'unknown_case_status', 3),
    ('support_cases', 'first_response_before_creation', 5), ('support_cases', 'resolved_before_creation', 4),
    ('support_cases', 'closed_before_resolved', 4), ('support_cases', 'resolved_while_open', 3),
    ('support_cases', 'updated_before_created', 4), ('support_cases', 'missing_events', 3),
    ('support_cases', 'events_out_of_order', 3), ('support_cases', 'events_repeat_a_status', 4),
    ('support_cases', 'status_contradicts_events', 4), ('support_cases', 'resolution_without_event', 4),
    ('support_cases', 'reopened_count_contradicts_events', 3),
    ('support_case_events', 'missing_key', 3), ('support_case_events', 'missing_case_id', 4),
    ('support_case_events', 'missing_case_status', 4), ('support_case_events', 'missing_occurred_at', 3),
    ('support_case_events', 'duplicate_key', 20), ('support_case_events', 'unknown_case_status', 5),
    ('support_case_events', 'orphan_case', 6), ('support_case_events', 'event_before_creation', 4);

-- From which share of the rows of a table to which a pool reaches. Tasks end early enough to be completed by the last
-- day, entries of a deal early enough for the deal to have run for months.
create table fault_pools as
select pool, cast(low * rows as bigint) as low, cast(high * rows as bigint) as high
from (
    values
    ('service_tickets', 0.02, 0.97, getvariable('tickets')),
    ('service_tasks', 0.03, 0.85, getvariable('tasks')),
    ('hardware_assets', 0.02, 0.98, getvariable('assets')),
    ('software_requests', 0.02, 0.95, getvariable('software_requests')),
    ('entries of a deal', 0.01, 0.41, getvariable('deals')),
    ('entries without a deal', 0.42, 0.48, getvariable('deals')),
    ('deals', 0.49, 0.97, getvariable('deals')),
    ('support_cases', 0.20, 0.90, getvariable('cases')),
    ('support_case_events', 0.02, 0.19, getvariable('cases'))
) as pools (pool, low, high, rows);

create table faults as
with
wanted as (
    select
        pool,
        fault_kind,
        unnest(range(greatest(2, cast(round(at_scale_1 * getvariable('scale')) as bigint)))) as nth
    from fault_plan
),
placed as (
    select
        pool,
        fault_kind,
        nth,
        row_number() over (partition by pool order by hash(concat(getvariable('seed'), pool, fault_kind, nth)),
            fault_kind, nth) - 1
            as position,
        count(*) over (partition by pool) as total
    from wanted
)
select
    placed.pool,
    placed.fault_kind,
    placed.nth,
    spread_over(placed.pool, placed.position, placed.total, fault_pools.low, fault_pools.high) as n
from placed
inner join fault_pools on placed.pool = fault_pools.pool
order by placed.pool, n;

create table truth (
    domain varchar, table_name varchar, fault_kind varchar, record_id varchar, expected_in varchar,
        expected_value varchar, note varchar
);
