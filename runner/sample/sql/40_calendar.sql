-- How many tickets, deals and cases a day brings: growth, seasons, weekdays, quarter ends.
create table months as
select
    cast(month_no as integer) as month_no,
    months_later(getvariable('first_month'), month_no) as month,
    months_later(getvariable('first_month'), month_no + 1) as next_month,
    exp(0.012 * month_no) * [1.18, 1.02, 1.00, 0.97, 0.98, 0.97, 0.90, 0.84, 1.20, 1.06, 1.00, 0.70][
        month(months_later(getvariable('first_month'), month_no))
    ] as busyness
from (select unnest(range(getvariable('months'))) as month_no)
order by month_no;

create table days as
with
every_day as (
    select
        cast(unnest(generate_series(
            cast(getvariable('first_month') as timestamp), cast(getvariable('end_date') as timestamp), interval 1 day
        )) as date) as day
),
weighted as (
    select
        day,
        months.month_no,
        (0.92 + 0.16 * chance('busy day', datediff('day', date '2000-01-01', day))) * busyness
        * case when month(day) = 12 and dayofmonth(day) in (25, 26) or month(day) = 1 and dayofmonth(day) = 1
            then 0.05 else 1 end
        * [1.22, 1.06, 1.00, 0.98, 0.84, 0.10, 0.06][isodow(day)] as ticket_weight,
        exp(0.01 * months.month_no)
        * case when month(day) % 3 = 0 then 1.5 else 0.85 end
        * case when dayofmonth(day) > 20 then 1.4 else 0.9 end
        * case when isodow(day) > 5 then 0.03 else 1 end as deal_weight,
        exp(0.015 * months.month_no)
        * [1.15, 1.05, 1.00, 1.00, 0.90, 0.35, 0.30][isodow(day)]
        * case when month(day) = 12 then 0.85 else 1 end as case_weight
    from every_day
    inner join months on day >= months.month and day < months.next_month
),
-- A burst of cases on the last day, so that the backlog spikes: about a third of what is open on an ordinary day.
shares as (
    select
        day,
        month_no,
        sum(ticket_weight) over up_to_day / sum(ticket_weight) over () as ticket_share,
        sum(deal_weight) over up_to_day / sum(deal_weight) over () as deal_share,
        sum(case_weight) over up_to_day / sum(case_weight) over () * 0.9945
        + case when day = getvariable('end_date') then 0.0055 else 0 end as case_share
    from weighted
    window up_to_day as (order by day)
),
cumulated as (
    select
        day,
        month_no,
        cast(round(ticket_share * getvariable('tickets')) as bigint) as tickets_so_far,
        cast(round(deal_share * getvariable('deals')) as bigint) as deals_so_far,
        cast(round(case_share * getvariable('cases')) as bigint) as cases_so_far
    from shares
)
select
    row_number() over (order by day) - 1 as day_no,
    day,
    month_no,
    lag(tickets_so_far, 1, 0) over (order by day) as first_ticket,
    tickets_so_far as end_ticket,
    lag(deals_so_far, 1, 0) over (order by day) as first_deal,
    deals_so_far as end_deal,
    lag(cases_so_far, 1, 0) over (order by day) as first_case,
    cases_so_far as end_case
from cumulated
order by day;

-- Local midnight of a site's day, in UTC; taken at noon, so that no clock change falls into it.
create table site_days as
select
    days.day_no,
    sites.site_no,
    cast(days.day as timestamp) + (
        timezone('UTC', timezone(sites.zone, cast(days.day as timestamp) + interval 12 hour))
        - (cast(days.day as timestamp) + interval 12 hour)
    ) as midnight_utc
from days
cross join sites
order by day_no, site_no;
