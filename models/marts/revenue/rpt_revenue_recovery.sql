{%- set running = 'over (order by months.recovery_month rows between unbounded preceding and current row)' -%}

with

steps as (

    select * from {{ ref('int_revenue_discrepancy_steps') }}

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

monthly as (

    select
        {{ month_start('observed_as_of') }} as recovery_month,
        sum(is_found) as found_count,
        sum(is_found * amount) as found_amount,
        sum(is_recovered) as recovered_count,
        sum(is_recovered * amount_before) as recovered_amount,
        sum(case when is_open = 1 and is_found = 0 then amount - amount_before else 0 end) as revalued_amount
    from steps
    group by {{ month_start('observed_as_of') }}

),

every_month as (

    select
        months.recovery_month,
        coalesce(monthly.found_count, 0) as found_count,
        coalesce(monthly.found_amount, 0) as found_amount,
        coalesce(monthly.recovered_count, 0) as recovered_count,
        coalesce(monthly.recovered_amount, 0) as recovered_amount,
        coalesce(monthly.revalued_amount, 0) as revalued_amount,
        sum(coalesce(monthly.found_count, 0)) {{ running }} as found_count_to_date,
        sum(coalesce(monthly.found_amount, 0)) {{ running }} as found_amount_to_date,
        sum(coalesce(monthly.recovered_count, 0)) {{ running }} as recovered_count_to_date,
        sum(coalesce(monthly.recovered_amount, 0)) {{ running }} as recovered_amount_to_date,
        sum(coalesce(monthly.revalued_amount, 0)) {{ running }} as revalued_amount_to_date
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
        cast(found_count_to_date - recovered_count_to_date as bigint) as open_count,
        cast(
            found_amount_to_date + revalued_amount_to_date - recovered_amount_to_date as decimal(18, 2)
        ) as open_amount,
        cast(revalued_amount as decimal(18, 2)) as revalued_amount,
        cast(found_count_to_date as bigint) as found_count_to_date,
        cast(found_amount_to_date as decimal(18, 2)) as found_amount_to_date,
        cast(recovered_count_to_date as bigint) as recovered_count_to_date,
        cast(recovered_amount_to_date as decimal(18, 2)) as recovered_amount_to_date,
        {{ ratio('recovered_count_to_date', 'found_count_to_date') }} as recovery_rate
    from every_month

)

select * from final
