with

costs as (

    select * from {{ ref('rpt_msp_cost_monthly') }}

),

tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

adjustments as (

    select * from {{ ref('int_msp_adjustments') }}

),

numbers as (

    select * from {{ ref('int_numbers') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

seen_costs as (

    select
        costs.*,
        upper(costs.environment) as environment_key,
        upper(costs.tier) as tier_key,
        {{ add_months('settings.as_of_month', '1 - settings.rolling_months') }} as first_month_of_window
    from costs
    cross join settings
    where costs.billing_month <= settings.as_of_month

),

monthly as (

    select
        billing_month,
        environment_key,
        tier_key,
        sum(task_count) as task_count,
        sum(amount_gbp) as amount_gbp
    from seen_costs
    group by billing_month, environment_key, tier_key

),

subjects as (

    select
        environment_key,
        tier_key,
        min(environment) as environment,
        min(tier) as tier
    from seen_costs
    where billing_month >= first_month_of_window
    group by environment_key, tier_key

),

first_month as (

    select min(billing_month) as first_billing_month
    from seen_costs

),

months as (

    select
        {{ add_months('settings.as_of_month', '-numbers.number') }} as billing_month,
        {{ add_months('settings.as_of_month', '-numbers.number - 12') }} as month_a_year_ago,
        case when numbers.number = 0 then 1 else 0 end as is_in_progress,
        settings.rolling_months,
        settings.as_of_month
    from settings
    inner join numbers on numbers.number < settings.rolling_months

),

-- The same days of a year ago as have passed of the month in progress. An adjustment has no day: it counts in full.
same_days_parts as (

    select
        upper(tasks.environment) as environment_key,
        upper(tasks.tier) as tier_key,
        tasks.amount_gbp
    from tasks
    cross join settings
    where
        tasks.billing_month = {{ add_months('settings.as_of_month', -12) }}
        and {{ days_between('tasks.billing_month', 'cast(tasks.completed_at as date)') }}
        <= {{ days_between('settings.as_of_month', 'settings.as_of_date') }}

    union all

    select
        upper(adjustments.environment) as environment_key,
        upper(adjustments.tier) as tier_key,
        adjustments.amount_gbp
    from adjustments
    cross join settings
    where adjustments.billing_month = {{ add_months('settings.as_of_month', -12) }}

),

same_days as (

    select
        environment_key,
        tier_key,
        sum(amount_gbp) as amount_gbp
    from same_days_parts
    group by environment_key, tier_key

),

filled as (

    select
        months.billing_month,
        months.is_in_progress,
        months.rolling_months,
        subjects.environment,
        subjects.tier,
        coalesce(monthly.task_count, 0) as task_count,
        cast(coalesce(monthly.amount_gbp, 0) as decimal(18, 2)) as amount_gbp,
        cast(
            case
                when months.month_a_year_ago >= first_month.first_billing_month
                    then coalesce(a_year_ago.amount_gbp, 0)
            end
            as decimal(18, 2)
        ) as amount_gbp_prior_year,
        cast(
            case
                when months.month_a_year_ago < first_month.first_billing_month then null
                when months.is_in_progress = 1 then coalesce(same_days.amount_gbp, 0)
                else coalesce(a_year_ago.amount_gbp, 0)
            end
            as decimal(18, 2)
        ) as amount_gbp_prior_year_same_days,
        case
            when {{ months_between('first_month.first_billing_month', 'months.as_of_month') }} >= 11 then 1
            else 0
        end as has_a_year_of_data,
        cast(
            sum(coalesce(monthly.amount_gbp, 0)) over (partition by subjects.environment_key, subjects.tier_key)
            as decimal(18, 2)
        ) as window_amount_gbp
    from months
    cross join subjects
    cross join first_month
    left join monthly
        on
            monthly.billing_month = months.billing_month
            and monthly.environment_key = subjects.environment_key
            and monthly.tier_key = subjects.tier_key
    left join monthly as a_year_ago
        on
            a_year_ago.billing_month = months.month_a_year_ago
            and a_year_ago.environment_key = subjects.environment_key
            and a_year_ago.tier_key = subjects.tier_key
    left join same_days
        on
            same_days.environment_key = subjects.environment_key
            and same_days.tier_key = subjects.tier_key

),

final as (

    select
        cast(billing_month as date) as billing_month,
        cast(environment as nvarchar(255)) as environment,
        cast(tier as nvarchar(255)) as tier,
        cast(task_count as bigint) as task_count,
        amount_gbp,
        amount_gbp_prior_year,
        {{ ratio('amount_gbp - amount_gbp_prior_year', 'amount_gbp_prior_year') }} as yoy_pct,
        case
            when has_a_year_of_data = 1 then {{ ratio('amount_gbp * rolling_months', 'window_amount_gbp') }}
        end as seasonality_index,
        {{ as_flag('is_in_progress') }} as is_in_progress,
        amount_gbp_prior_year_same_days,
        {{ ratio('amount_gbp - amount_gbp_prior_year_same_days', 'amount_gbp_prior_year_same_days') }}
            as yoy_same_days_pct
    from filled

)

select * from final
