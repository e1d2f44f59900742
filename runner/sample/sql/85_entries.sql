-- One row per entry to post. part tells the entries of one month apart; fault_kind stands on the entry it is about.
create table entry_core as
with
cells as (
    select
        *,
        months_later(first_month, month_offset) as month,
        case when duration_months is not null and month_offset = duration_months - 1
            then value_cents - monthly_cents * (duration_months - 1)
            else monthly_cents
        end as booked_cents,
        case when month_offset = fault_offset then fault_kind end as month_fault,
        deal_no * 512 + month_offset as draw_no
    from booked_cells
),
parts as (
    -- Most months are one entry. Some are corrected later, some are reversed and posted anew.
    select
        *,
        unnest(case
            when fault_kind is not null and month_fault is null then ['whole']
            when month_fault in ('missing_recognition') then []
            when month_fault in ('duplicate_entry') then ['whole', 'again']
            when month_fault in (
                'missing_recognized_amount', 'missing_recognition_period', 'missing_posted_at',
                    'missing_revenue_type',
                'unknown_revenue_type', 'recognized_outside_term', 'posted after the end'
            ) then ['whole', 'beside']
            when month_fault is not null then ['whole']
            when chance('corrected', draw_no) < 0.05 and booked_cents > 1000 then ['less', 'rest']
            when chance('corrected', draw_no) < 0.07 then ['whole', 'reversed', 'anew']
            when chance('corrected', draw_no) < 0.09 and booked_cents > 10000 then ['a cent off']
            else ['whole']
        end) as part
    from cells
),
amounts as (
    select
        deal_no,
        draw_no,
        month,
        part,
        month_fault,
        revenue_type,
        revenue_category,
        currency_code as deal_currency,
        case
            when month_fault = 'currency_mismatch' then case currency_code when 'USD' then 'EUR' else 'USD' end
            when month_fault = 'missing_fx_rate' then 'CHF'
            else currency_code
        end as currency_code,
        booked_cents,
        case
            when part = 'beside' and month_fault in ('recognized_outside_term') then booked_cents
            when part = 'beside' and month_fault = 'posted after the end' then booked_cents // 11
            when part = 'beside' then 0
            when part = 'less' then booked_cents - booked_cents // 20
            when part = 'rest' then booked_cents // 20
            when part = 'reversed' then -booked_cents
            when part = 'a cent off' then booked_cents + 1
            when month_fault = 'amount_mismatch'
                then booked_cents + [1, -1][pick('too much', deal_no, 2) + 1]
                    * (booked_cents * between_whole('how much', deal_no, 6, 30) // 100)
            else booked_cents
        end as cents
    from parts
),
entries as (
    select
        amounts.*,
        case part when 'rest' then 'adjustment' when 'reversed' then 'reversal' when 'beside' then 'adjustment'
            else 'recognition' end as entry_type,
        case
            when part in ('again', 'beside') or month_fault in (
                'currency_mismatch', 'missing_fx_rate', 'type_mismatch', 'timing_shift', 'amount_mismatch',
                    'posted_late',
                'recognition_period_not_first_day', 'unknown_entry_type', 'duplicate_key', 'missing_key',
                    'missing_currency_code'
            ) then month_fault
        end as fault_kind,
        case
            when month_fault = 'timing_shift' then months_later(month, 1)
            when part = 'beside' and month_fault = 'recognized_outside_term' then months_later(month, 2)
            else month
        end as recognition_month,
        case part when 'rest' then 2 when 'reversed' then 2 when 'beside' then 2 when 'anew' then 3
            else 1 end as posting
    from amounts
),
not_of_a_won_deal as (
    select
        deal_core.deal_no,
        deal_core.deal_no * 512 as draw_no,
        month_of(deal_core.booked_on) as month,
        'alone' as part,
        deal_core.fault_kind as month_fault,
        revenue_type,
        revenue_category,
        case when pool = 'deals' then currency_code else 'USD' end as deal_currency,
        deal_currency as currency_code,
        0 as booked_cents,
        10000 + pick('amount without a deal', deal_no, 900000) as cents,
        'recognition' as entry_type,
        deal_core.fault_kind,
        month_of(deal_core.booked_on) as recognition_month,
        1 as posting
    from deal_core
    where pool = 'entries without a deal' or pool = 'deals' and fault_kind = 'unbooked_recognition'
),
everything as (
    select 0 as late_number, * from entries where part <> 'again'
    union all
    select 0 as late_number, * from not_of_a_won_deal
    union all
    -- Next month's entries are posted ahead by some, after the moment the demo looks at.
    select
        0, deal_no, draw_no + 1, months_later(getvariable('end_month'), 1), 'ahead', 'posted after the end',
            revenue_type, revenue_category,
        currency_code, currency_code, monthly_cents, monthly_cents, 'recognition', null,
            months_later(getvariable('end_month'), 1), 1
    from cells
    where
        fault_kind is null and duration_months > month_offset + 1 and month = getvariable('end_month')
            and chance('ahead', deal_no) < 0.05
    union all
    -- Re-postings come last: of two the first id stays.
    select 1 as late_number, * from entries where part = 'again'
)
select
    row_number() over (order by late_number, deal_no, draw_no, part) as entry_no,
    everything.* exclude (late_number),
    case
        when part = 'ahead' or month_fault = 'posted after the end' and part = 'beside'
            then cast(getvariable('end_date') + cast(1 + deal_no % 5 as integer) as timestamp)
        when fault_kind = 'posted_late'
            then cast(months_later(recognition_month, 1) + cast(46 + deal_no % 12 as integer) as timestamp)
        else cast(least(
            getvariable('end_date'),
            months_later(recognition_month, 1) - cast(1 + pick('posted', draw_no, 5) as integer)
        ) as timestamp)
    end
    + to_seconds(between_whole('posted second', draw_no, 28000, 70000) + 1800 * posting) as posted_at
from everything;

create view out_revenue_entries as
with
rows as (
    select
        entry_core.*,
        readable_id('ENT-', entry_no, (select greatest(7, length(cast(count(*) as varchar))) from entry_core))
            as entry_id,
        -- What the entry is worth in its own currency: the deal's amount by the month's rates.
        case
            when entry_core.currency_code = entry_core.deal_currency then cents
            else cast(round(
                cents * coalesce(deal_rates.rate, 1) / coalesce(entry_rates.rate, 1)
            ) as bigint)
        end as own_cents,
        other_types.revenue_type as other_type
    from entry_core
    left join seed_fx_rates as deal_rates
        on entry_core.deal_currency = deal_rates.currency_code and entry_core.month = deal_rates.month
    left join seed_fx_rates as entry_rates
        on entry_core.currency_code = entry_rates.currency_code and entry_core.month = entry_rates.month
    left join category_types as other_types
        on case entry_core.revenue_category when 'recurring' then 'one_time'
            else 'recurring' end = other_types.revenue_category
),
with_extras as (
    select 0 as extra, * from rows
    union all
    select 1 as extra, * from rows where fault_kind = 'duplicate_key'
)
select
    extra,
    entry_no as row_no,
    case
        when fault_kind = 'missing_key' then nothing('blank entry id', entry_no)
        when extra = 1 and entry_no % 2 = 0 then lower(entry_id)
        when month_fault is not null then entry_id
        else mangled('entry id as written', entry_no, entry_id, 0.003)
    end as entry_id,
    case
        when fault_kind = 'missing_deal_id' then nothing('blank deal of the entry', entry_no)
        when fault_kind = 'orphan_deal' then readable_id('DEAL-', 10 * getvariable('deals') + deal_no, 6)
        else mangled('deal of the entry as written', entry_no, readable_id('DEAL-', deal_no + 1, 6), 0.02)
    end as deal_id,
    case fault_kind
        when 'missing_recognition_period' then null
        when 'recognition_period_not_first_day' then recognition_month + 14
        else recognition_month
    end as recognition_period,
    case
        when fault_kind = 'missing_revenue_type' then nothing('blank entry type', entry_no)
        when fault_kind = 'unknown_revenue_type'
            then ['Hardware', 'Freight', 'Misc'][pick('wrong entry type', entry_no, 3) + 1]
        when fault_kind = 'type_mismatch' then other_type
        when part not in ('whole', 'again') or month_fault = 'duplicate_entry' then revenue_type
        when chance('entry type with revenue', entry_no) < 0.3
            then mangled('entry type as written', entry_no, concat(revenue_type, ' Revenue'), 0.03)
        else mangled('entry type as written', entry_no, revenue_type, 0.03)
    end as revenue_type,
    case
        when fault_kind = 'unknown_entry_type'
            then ['accrual', 'recog', 'journal'][pick('wrong kind of entry', entry_no, 3) + 1]
        else mangled('kind of entry as written', entry_no, entry_type, 0.02)
    end as entry_type,
    case
        when fault_kind = 'missing_recognized_amount' then null
        when extra = 1 and entry_no % 2 = 0 then money(own_cents + 12345)
        else money(own_cents)
    end as recognized_amount,
    case
        when fault_kind = 'missing_currency_code' then nothing('blank entry currency', entry_no)
        else mangled('entry currency as written', entry_no, currency_code, 0.02)
    end as currency_code,
    case revenue_category when 'recurring' then '4000-' else '4100-' end
    || lpad(cast(10 * (1 + length(revenue_type) % 5) as varchar), 3, '0') as gl_account,
    concat('PO-', lpad(cast(deal_no + 1 as varchar), 6, '0'), '-', case revenue_category when 'recurring' then '1'
        else '2' end)
        as performance_obligation,
    ['close.bot', 'close.bot', 'close.bot', 'm.adeyemi', 'r.silva', 't.hart'][pick('posted by', draw_no, 6) + 1]
        as posted_by,
    case when fault_kind = 'missing_posted_at' then null else posted_at end as posted_at,
    posted_at
    + to_seconds(case when part = 'again' then 90000 else between_whole('entry updated', entry_no, 60, 7000) end)
    - case when extra = 1 and entry_no % 2 = 0 then interval 2 hour else interval 0 hour end as updated_at
from with_extras;

insert into truth
select
    'revenue',
    'deals',
    fault_kind,
    case
        when fault_kind = 'missing_key'
            then concat('(none)-', row_number() over (partition by fault_kind order by deal_no))
        else readable_id('DEAL-', deal_no + 1, 6)
    end,
    'dq_failing_rows',
    null,
    null
from deal_core
where pool = 'deals' and fault_kind <> 'unbooked_recognition';

insert into truth
with
numbered as (
    select
        *,
        readable_id('ENT-', entry_no, (select greatest(7, length(cast(count(*) as varchar))) from entry_core))
            as entry_id
    from entry_core
    where fault_kind is not null and fault_kind <> 'posted after the end'
)
select
    'revenue',
    'revenue_entries',
    case fault_kind when 'duplicate_entry' then 'reposted_entry' else fault_kind end,
    case
        when fault_kind = 'missing_key'
            then concat('(none)-', row_number() over (partition by fault_kind order by entry_no))
        else entry_id
    end,
    'dq_failing_rows',
    null,
    null
from numbered
where fault_kind not in (
    'currency_mismatch', 'type_mismatch', 'timing_shift', 'amount_mismatch', 'recognized_outside_term',
        'unbooked_recognition'
)
union all
-- Where the seed has no rate for the month, an entry in another currency cannot be converted either.
select 'revenue', 'revenue_entries', 'missing_fx_rate', entry_id, 'dq_failing_rows', null, null
from numbered
where
    fault_kind = 'currency_mismatch'
    and (
        currency_code <> 'USD' and (currency_code, month) not in (select currency_code, month from seed_fx_rates)
        or deal_currency <> 'USD' and (deal_currency, month) not in (select currency_code, month from seed_fx_rates)
    );

insert into truth
with
of_deals as (
    select
        readable_id('DEAL-', deal_no + 1, 6) as deal_id,
        months_later(first_month, fault_offset) as month,
        revenue_category,
        case fault_kind when 'missing_fx_rate' then 'currency_mismatch' else fault_kind end as cause
    from booked_cells
    where
        month_offset = fault_offset
        and fault_kind in (
            'duplicate_entry', 'currency_mismatch', 'missing_fx_rate', 'type_mismatch', 'timing_shift',
                'missing_recognition',
            'recognized_outside_term', 'amount_mismatch'
        )
),
cells as (
    select
        deal_id,
        case cause when 'recognized_outside_term' then months_later(month, 2) else month end as month,
        revenue_category,
        cause
    from of_deals
    union all
    select deal_id, months_later(month, 1), revenue_category, cause from of_deals where cause = 'timing_shift'
    union all
    select deal_id, month, case revenue_category when 'recurring' then 'one_time' else 'recurring' end, cause
    from of_deals
    where cause = 'type_mismatch'
    union
    select
        case fault_kind
            when 'missing_deal_id' then '(none)'
            when 'orphan_deal' then readable_id('DEAL-', 10 * getvariable('deals') + deal_no, 6)
            else readable_id('DEAL-', deal_no + 1, 6)
        end,
        recognition_month,
        revenue_category,
        'unbooked_recognition'
    from entry_core
    where fault_kind in ('missing_deal_id', 'orphan_deal', 'unbooked_recognition')
)
select
    'revenue',
    'revenue_entries',
    cause,
    concat(deal_id, '|', month, '|', revenue_category),
    'fct_revenue_variance',
    cause,
    null
from cells;
