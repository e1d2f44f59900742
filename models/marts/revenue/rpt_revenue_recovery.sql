with

history as (

    select * from {{ ref('int_revenue_discrepancy_history') }}

),

observations as (

    select * from {{ ref('int_revenue_observations') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

numbers as (

    select * from {{ ref('int_numbers') }}

),

first_seen as (

    select
        {{ month_start('min(observations.observed_as_of)') }} as first_month,
        max(settings.as_of_month) as last_month
    from observations
    cross join settings
    where observations.observed_as_of <= settings.as_of

),

months as (

    select {{ add_months('first_seen.first_month', 'numbers.number') }} as recovery_month
    from first_seen
    inner join numbers
        on numbers.number <= {{ months_between('first_seen.first_month', 'first_seen.last_month') }}

),

states as (

    select
        {{ month_start('history.observed_as_of') }} as recovery_month,
        history.is_open,
        history.is_open * history.amount as open_amount,
        coalesce(
            lag(history.is_open) over (
                partition by history.deal_key, history.revenue_month, history.revenue_category
                order by history.observed_as_of
            ),
            0
        ) as was_open,
        coalesce(
            lag(history.is_open * history.amount) over (
                partition by history.deal_key, history.revenue_month, history.revenue_category
                order by history.observed_as_of
            ),
            0
        ) as amount_before
    from history
    cross join settings
    where history.observed_as_of <= settings.as_of

),

monthly as (

    select
        recovery_month,
        sum(case when is_open = 1 and was_open = 0 then 1 else 0 end) as found_count,
        sum(case when is_open = 1 and was_open = 0 then open_amount else 0 end) as found_amount,
        sum(case when is_open = 0 and was_open = 1 then 1 else 0 end) as recovered_count,
        sum(case when is_open = 0 and was_open = 1 then amount_before else 0 end) as recovered_amount,
        sum(is_open - was_open) as open_count_change,
        sum(open_amount - amount_before) as open_amount_change
    from states
    group by recovery_month

),

every_month as (

    select
        months.recovery_month,
        coalesce(monthly.found_count, 0) as found_count,
        coalesce(monthly.found_amount, 0) as found_amount,
        coalesce(monthly.recovered_count, 0) as recovered_count,
        coalesce(monthly.recovered_amount, 0) as recovered_amount,
        sum(coalesce(monthly.open_count_change, 0)) over (
            order by months.recovery_month rows between unbounded preceding and current row
        ) as open_count,
        sum(coalesce(monthly.open_amount_change, 0)) over (
            order by months.recovery_month rows between unbounded preceding and current row
        ) as open_amount
    from months
    left join monthly on months.recovery_month = monthly.recovery_month

),

final as (

    select
        cast(recovery_month as date) as {{ column_name('month') }},
        cast(found_count as bigint) as found_count,
        cast(found_amount as decimal(18, 2)) as found_amount,
        cast(recovered_count as bigint) as recovered_count,
        cast(recovered_amount as decimal(18, 2)) as recovered_amount,
        cast(open_count as bigint) as open_count,
        cast(open_amount as decimal(18, 2)) as open_amount
    from every_month

)

select * from final
