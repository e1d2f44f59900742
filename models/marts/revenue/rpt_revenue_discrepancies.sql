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

with_previous_run as (

    select
        observed_as_of,
        lag(observed_as_of) over (order by observed_as_of) as previous_as_of
    from observations

),

spans as (

    select
        deal_key,
        revenue_month,
        revenue_category,
        sum(is_found) as times_found,
        min(case when is_found = 1 then observed_as_of end) as first_seen_at,
        max(case when is_found = 1 then observed_as_of end) as open_since,
        max(case when is_recovered = 1 then observed_as_of end) as recovered_at,
        max(observed_as_of) as changed_at
    from steps
    group by deal_key, revenue_month, revenue_category
    having sum(is_found) > 0

),

latest as (

    select
        steps.deal_key,
        steps.deal_id,
        steps.revenue_month,
        steps.revenue_category,
        steps.cause,
        steps.amount,
        steps.is_open,
        spans.times_found,
        spans.first_seen_at,
        spans.open_since,
        spans.recovered_at
    from spans
    inner join steps
        on
            spans.deal_key = steps.deal_key
            and spans.revenue_month = steps.revenue_month
            and spans.revenue_category = steps.revenue_category
            and spans.changed_at = steps.observed_as_of

),

-- A run that saw no change wrote nothing: a recovered discrepancy was last seen at the run before the one that missed
-- it, an open one at as_of.
aged as (

    select
        latest.*,
        case when latest.is_open = 1 then settings.as_of else with_previous_run.previous_as_of end as last_seen_at,
        case
            when latest.is_open = 1 then {{ days_between('latest.open_since', 'settings.as_of') }}
            else {{ days_between('latest.open_since', 'latest.recovered_at') }}
        end as age_days
    from latest
    cross join settings
    left join with_previous_run on latest.recovered_at = with_previous_run.observed_as_of

),

final as (

    select
        cast(deal_id as nvarchar(255)) as deal_id,
        cast(revenue_month as date) as revenue_month,
        cast(revenue_category as nvarchar(20)) as revenue_category,
        cast(case when is_open = 1 then 'open' else 'recovered' end as nvarchar(20)) as discrepancy_status,
        cast(cause as nvarchar(30)) as cause,
        cast(amount as decimal(18, 2)) as amount,
        cast(first_seen_at as {{ dbt.type_timestamp() }}) as first_seen_at,
        cast(last_seen_at as {{ dbt.type_timestamp() }}) as last_seen_at,
        cast(open_since as {{ dbt.type_timestamp() }}) as open_since,
        cast(case when is_open = 0 then recovered_at end as {{ dbt.type_timestamp() }}) as recovered_at,
        cast(age_days as integer) as age_days,
        cast(
            case
                when is_open = 0 then null
                when age_days <= 30 then '0-30 days'
                when age_days <= 60 then '31-60 days'
                when age_days <= 90 then '61-90 days'
                else '>90 days'
            end as nvarchar(20)
        ) as age_bucket,
        cast(times_found as integer) as times_found,
        cast(deal_key as nvarchar(255)) as deal_key
    from aged

)

select * from final
