create table currency_wheel as
with
known as (
    select currency_code from seed_fx_rates
    union
    select 'USD'
),
weighted as (
    select currency_code, unnest(range(weight)) as nth
    from (values ('USD', 45), ('EUR', 20), ('GBP', 15), ('CAD', 8), ('AUD', 7), ('JPY', 5))
        as weights (currency_code, weight)
    where currency_code in (select currency_code from known)
)
select currency_code, row_number() over (order by currency_code, nth) - 1 as slot, count(*) over () as slots
from weighted
order by slot;

create table revenue_type_wheel as
with
weighted as (
    select seed_revenue_types.*, unnest(range(coalesce(weight, 3))) as nth
    from seed_revenue_types
    left join (
        values ('SUBSCRIPTION', 40), ('SUPPORT', 14), ('MAINTENANCE', 10), ('SERVICE', 8), ('IMPLEMENTATION', 13),
            ('CONSULTING', 10), ('SETUP', 5)
    ) as weights (type_key, weight) on upper(seed_revenue_types.revenue_type) = weights.type_key
)
select revenue_type, revenue_category, row_number() over (order by revenue_type, nth) - 1 as slot,
    count(*) over () as slots
from weighted
order by slot;

create table category_types as
select revenue_category, min(revenue_type) as revenue_type from seed_revenue_types group by all;

-- One row per deal: what was sold, and whether and how long the contract schedules it.
create table deal_core as
with
sold as (
    select unnest(range(first_deal, end_deal)) as deal_no, day as booked_on
    from days
    order by day_no
),
with_faults as (
    select
        sold.*,
        faults.pool,
        faults.fault_kind,
        coalesce(faults.pool = 'entries of a deal', false) as is_lasting,
        coalesce(faults.pool = 'deals' and fault_kind in (
            'missing_customer_id', 'missing_booked_on', 'end_before_start', 'updated_before_booked', 'duplicate_key'
        ), false) as is_won_despite
    from sold
    left join (select * from faults where pool in ('entries of a deal', 'entries without a deal', 'deals')) as faults
        on sold.deal_no = faults.n
),
described as (
    select
        with_faults.*,
        pick('customer', deal_no, getvariable('customers')) as customer_no,
        revenue_type_wheel.revenue_type as drawn_type,
        revenue_type_wheel.revenue_category as drawn_category,
        currency_wheel.currency_code,
        case
            when is_lasting or is_won_despite then 'won'
            when pool = 'deals' and fault_kind = 'unbooked_recognition'
                then ['lost', 'open'][pick('not won', deal_no, 2) + 1]
            when pool = 'deals' and fault_kind in ('cancelled_without_date', 'cancelled_before_booked')
                then 'cancelled'
            when pool = 'deals' and fault_kind in ('invalid_duration', 'missing_contract_value') then 'won'
            when pool = 'deals' then 'lost'
            when chance('deal status', deal_no) < 0.63 then 'won'
            when chance('deal status', deal_no) < 0.80 then 'lost'
            when chance('deal status', deal_no) < 0.94 then 'open'
            else 'cancelled'
        end as drawn_status,
        case
            when is_lasting or chance('deal starts', deal_no) < 0.10 then booked_on
            when chance('deal starts', deal_no) < 0.45 then months_later(month_of(booked_on), 1)
            else booked_on + cast(pick('days to start', deal_no, 45) as integer)
        end as starts_on,
        case
            when fault_kind = 'recognized_outside_term' and is_lasting then 3
            when is_lasting then 24
            else [12, 12, 12, 12, 12, 24, 24, 36, 36, 6, 6, 3, 1][pick('duration', deal_no, 13) + 1]
        end as drawn_duration
    from with_faults
    inner join revenue_type_wheel on pick('revenue type', deal_no,
        (select max(slots) from revenue_type_wheel)) = revenue_type_wheel.slot
    inner join currency_wheel on pick('deal currency', deal_no,
        (select max(slots) from currency_wheel)) = currency_wheel.slot
),
typed as (
    select
        described.*,
        case
            when is_lasting and drawn_category <> 'recurring' or fault_kind = 'invalid_duration'
                then lasting.revenue_type
            else drawn_type
        end as revenue_type,
        case
            when is_lasting and drawn_category <> 'recurring' or fault_kind = 'invalid_duration' then 'recurring'
            else drawn_category
        end as revenue_category,
        case
            when drawn_status = 'won' and pool is null and chance('won then cancelled', deal_no) < 0.03
                or drawn_status = 'cancelled' and (pool is null or pool = 'entries without a deal')
                then starts_on + cast(pick('cancelled after', deal_no, drawn_duration * 30) as integer)
            when fault_kind = 'cancelled_before_booked' then booked_on
                - cast(20 + pick('cancelled before', deal_no, 40) as integer)
        end as drawn_cancelled_on,
        ['Enterprise', 'Mid-Market', 'Mid-Market', 'Small Business', 'Small Business', 'Small Business',
            'Public Sector'][
            pick('segment', customer_no, 7) + 1
        ] as customer_segment
    from described
    cross join (select revenue_type from category_types where revenue_category = 'recurring') as lasting
),
-- A cancellation still to come is announced for won deals only; a deal cancelled already has its date behind it.
settled as (
    select
        * exclude (drawn_status, drawn_cancelled_on, drawn_type, drawn_category),
        case when drawn_status = 'cancelled' and drawn_cancelled_on > getvariable('end_date') then 'won'
            else drawn_status end as deal_status,
        drawn_cancelled_on as cancelled_on,
        case when revenue_category = 'recurring' then drawn_duration end as duration_months,
        cast(floor(
            2000 * power(60.0, chance('contract value', deal_no))
            * case customer_segment when 'Enterprise' then 3 when 'Small Business' then 0.6 else 1 end
            * case when currency_code = 'JPY' then 150 else 1 end
        ) as bigint) * 100
        + case when currency_code <> 'JPY' and chance('odd cents', deal_no) < 0.2 then pick('cents', deal_no, 100)
            else 0 end as value_cents
    from typed
)
select
    *,
    month_of(starts_on) as first_month,
    case
        when deal_status not in ('won', 'cancelled')
            or deal_status = 'cancelled' and cancelled_on is null
            or coalesce(fault_kind, '') in ('invalid_duration', 'missing_contract_value')
            then 0
        else greatest(0, least(
            coalesce(duration_months, 1),
            datediff('month', month_of(starts_on), getvariable('end_month')) + 1,
            case
                when cancelled_on <= getvariable('end_date')
                    then datediff('month', month_of(starts_on), month_of(cancelled_on)) + 1
                else 9999
            end
        ))
    end as months_judged
from settled
order by deal_no;

create view out_deals as
with
rows as (
    select
        *,
        readable_id('DEAL-', deal_no + 1, 6) as deal_id,
        least(
            getvariable('as_of'),
            cast(greatest(booked_on, case when cancelled_on <= getvariable('end_date')
                then cancelled_on end) as timestamp)
            + to_seconds(between_whole('deal updated', deal_no, 86400, 2000000))
        ) as updated_at
    from deal_core
),
with_extras as (
    select 0 as extra, * from rows
    union all
    select 1 as extra, * from rows where pool = 'deals' and fault_kind in ('missing_key', 'duplicate_key')
),
deal_faults as (
    select * replace (case when pool = 'deals' then fault_kind end as fault_kind) from with_extras
)
select
    extra,
    deal_no as row_no,
    case
        when extra = 1 and fault_kind = 'missing_key' then nothing('blank deal id', deal_no)
        when extra = 1 and deal_no % 2 = 0 then lower(deal_id)
        when pool is not null then deal_id
        else mangled('deal id as written', deal_no, deal_id, 0.004)
    end as deal_id,
    case
        when fault_kind = 'missing_customer_id' then nothing('blank customer', deal_no)
        else concat('CUST-', lpad(cast(customer_no + 1 as varchar), 6, '0'))
    end as customer_id,
    concat(
        ['Northwind', 'Halden', 'Brightwater', 'Corvid', 'Juniper', 'Larkfield', 'Mistral', 'Oakham', 'Pelican',
            'Redstone', 'Severn', 'Tamarind'][
            pick('customer name', customer_no, 12) + 1
        ],
        ' ',
        ['Foods', 'Logistics', 'Energy', 'Health', 'Retail', 'Mutual', 'Marine', 'Textiles', 'Systems', 'Council'][
            pick('customer trade', customer_no, 10) + 1
        ],
        ' ',
        ['Ltd', 'Inc', 'GmbH', 'plc', 'Pty Ltd', 'KK'][pick('customer form', customer_no, 6) + 1]
    ) as customer_name,
    case when chance('deal without segment', deal_no) >= 0.01 then customer_segment end as customer_segment,
    ['A. Novak', 'B. Osei', 'C. Marsh', 'D. Iyer', 'E. Lund', 'F. Costa', 'G. Park', 'H. Weiss', 'I. Duarte',
        'J. Kerr', 'K. Sato', 'L. Byrne'][
        pick('sales rep', deal_no, 12) + 1
    ] as sales_rep,
    case currency_code
        when 'USD' then 'North America' when 'CAD' then 'North America' when 'GBP' then 'UK and Ireland' when 'EUR'
            then 'Europe'
        else 'Asia Pacific'
    end as sales_region,
    case
        when fault_kind = 'missing_revenue_type' then nothing('blank deal type', deal_no)
        when fault_kind = 'unknown_revenue_type'
            then ['Hardware', 'Resale', 'Training Revenue'][pick('wrong deal type', deal_no, 3) + 1]
        when chance('type with revenue', deal_no) < 0.35
            then mangled('deal type as written', deal_no, concat(revenue_type, ' Revenue'), 0.05)
        else mangled('deal type as written', deal_no, revenue_type, 0.05)
    end as revenue_type,
    case
        when fault_kind = 'missing_contract_value' then null
        when fault_kind = 'duplicate_key' and extra = 1 and deal_no % 2 = 0 then money(value_cents + 50000)
        else money(value_cents)
    end as contract_value,
    case
        when fault_kind = 'missing_currency_code' then nothing('blank deal currency', deal_no)
        when fault_kind = 'unknown_currency_code'
            then ['EURO', 'XBT', 'UKP'][pick('wrong deal currency', deal_no, 3) + 1]
        else mangled('deal currency as written', deal_no, currency_code, 0.02)
    end as currency_code,
    cast(case
        when fault_kind = 'invalid_duration' then [null, 0, -12][deal_no % 3 + 1]
        when duration_months is not null then duration_months
        when chance('one-time with duration', deal_no) < 0.3 then pick('one-time duration', deal_no, 4) + 1
    end as integer) as duration_months,
    case when fault_kind = 'missing_booked_on' then null else booked_on end as booked_on,
    case
        when fault_kind = 'missing_booked_on' or starts_on <> booked_on or pool is not null then starts_on
    end as start_date,
    case
        when fault_kind = 'end_before_start'
            then starts_on - cast(10 + pick('ends before start', deal_no, 60) as integer)
        when duration_months is not null and chance('deal without end', deal_no) >= 0.2
            then cast(months_later(starts_on, duration_months) - 1 as date)
    end as end_date,
    case
        when fault_kind = 'missing_deal_status' then nothing('blank deal status', deal_no)
        when fault_kind = 'unknown_deal_status'
            then ['negotiation', 'signed?', 'dead', 'on ice'][pick('wrong deal status', deal_no, 4) + 1]
        when fault_kind = 'duplicate_key' and extra = 1 and deal_no % 2 = 0 then 'open'
        when deal_status = 'won' and chance('closed won', deal_no) < 0.4
            then mangled('deal status as written', deal_no, 'Closed Won', 0.2)
        when deal_status = 'open' and chance('closed won', deal_no) < 0.4
            then mangled('deal status as written', deal_no, 'pending', 0.1)
        else mangled('deal status as written', deal_no, deal_status, 0.1)
    end as deal_status,
    cancelled_on,
    case
        when fault_kind = 'updated_before_booked' then cast(booked_on as timestamp)
            - to_seconds(between_whole('deal updated too soon', deal_no, 90000, 900000))
        when fault_kind = 'duplicate_key' and extra = 1 and deal_no % 2 = 0 then updated_at - interval 6 hour
        else updated_at
    end as updated_at
from deal_faults;

-- One row per deal and month that the contract schedules, up to the last month: whole cents, the last takes the rest.
create table booked_cells as
with
counted as (
    select
        deal_core.*,
        case
            when duration_months is null then value_cents
            else (2 * value_cents + duration_months) // (2 * duration_months)
        end as monthly_cents,
        case
            when pool is distinct from 'entries of a deal' then -1
            when fault_kind = 'recognized_outside_term' then 1
            when fault_kind = 'posted_late' then 1
            when fault_kind = 'posted after the end' then months_judged - 1
            else 1 + pick('month of the fault', deal_no, greatest(1, months_judged - 3))
        end as fault_offset
    from deal_core
    where months_judged > 0
)
select
    deal_no,
    cast(unnest(range(months_judged)) as integer) as month_offset,
    first_month,
    fault_offset,
    case when pool = 'entries of a deal' then fault_kind end as fault_kind,
    revenue_type,
    revenue_category,
    currency_code,
    monthly_cents,
    value_cents,
    duration_months
from counted
order by deal_no;
