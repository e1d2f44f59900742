{{
    config(
        materialized='incremental',
        unique_key=['deal_key', 'revenue_month', 'revenue_category', 'observed_as_of'],
        indexes=index_on(['deal_key']),
        full_refresh=false
    )
}}

with

variances as (

    select * from {{ ref('fct_revenue_variance') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

observations as ( -- noqa: ST03

    select * from {{ ref('int_revenue_observations') }}

),

discrepancies as (

    select
        deal_key,
        deal_id,
        revenue_month,
        revenue_category,
        abs(coalesce(variance_amount_reporting, 0)) as amount,
        cause
    from variances
    where cause <> 'matched'

),

{%- if is_incremental() %}

history as (

    select * from {{ this }}

),

-- What was known of each discrepancy before this run, and at an earlier run at the same moment if there was one.
ranked as (

    select
        history.*,
        case when history.observed_as_of < settings.as_of then 1 else 0 end as is_before,
        row_number() over (
            partition by
                history.deal_key,
                history.revenue_month,
                history.revenue_category,
                case when history.observed_as_of < settings.as_of then 1 else 0 end
            order by history.observed_as_of desc
        ) as recency
    from history
    cross join settings
    where history.observed_as_of <= settings.as_of

),

known as (

    select
        deal_key,
        revenue_month,
        revenue_category,
        max(deal_id) as deal_id,
        max(case when is_before = 1 then is_open else 0 end) as is_open_before,
        max(case when is_before = 1 then amount else 0 end) as amount_before,
        max(case when is_before = 1 then cause else '' end) as cause_before,
        max(case when is_before = 0 then 1 else 0 end) as is_seen_at_this_moment,
        max(case when is_before = 0 then is_open else 0 end) as is_open_then,
        max(case when is_before = 0 then amount else 0 end) as amount_then,
        max(case when is_before = 0 then cause else '' end) as cause_then
    from ranked
    where recency = 1
    group by deal_key, revenue_month, revenue_category

),

compared as (

    select
        coalesce(discrepancies.deal_key, known.deal_key) as deal_key,
        coalesce(discrepancies.deal_id, known.deal_id) as deal_id,
        coalesce(discrepancies.revenue_month, known.revenue_month) as revenue_month,
        coalesce(discrepancies.revenue_category, known.revenue_category) as revenue_category,
        case when discrepancies.deal_key is null then 0 else 1 end as is_open,
        coalesce(discrepancies.amount, known.amount_before, 0) as amount,
        coalesce(discrepancies.cause, known.cause_before, '') as cause,
        coalesce(known.is_open_before, 0) as is_open_before,
        coalesce(known.amount_before, 0) as amount_before,
        coalesce(known.cause_before, '') as cause_before,
        coalesce(known.is_seen_at_this_moment, 0) as is_seen_at_this_moment,
        case
            when known.is_seen_at_this_moment = 1 then known.is_open_then
            else coalesce(known.is_open_before, 0)
        end as is_open_until_now,
        case
            when known.is_seen_at_this_moment = 1 then known.amount_then
            else coalesce(known.amount_before, 0)
        end as amount_until_now,
        case
            when known.is_seen_at_this_moment = 1 then known.cause_then
            else coalesce(known.cause_before, '')
        end as cause_until_now
    from discrepancies
    full outer join known
        on
            discrepancies.deal_key = known.deal_key
            and discrepancies.revenue_month = known.revenue_month
            and discrepancies.revenue_category = known.revenue_category

),

-- A row seen at this very moment before is written again, so that it never outlives what it said.
changes as (

    select
        compared.deal_key,
        compared.deal_id,
        compared.revenue_month,
        compared.revenue_category,
        settings.as_of as observed_as_of,
        compared.is_open,
        compared.amount,
        compared.cause
    from compared
    cross join settings
    where
        compared.is_seen_at_this_moment = 1
        or compared.is_open <> compared.is_open_before
        or (compared.is_open = 1 and compared.amount <> compared.amount_before)
        or (compared.is_open = 1 and compared.cause <> compared.cause_before)

),

next_observation as (

    select min(observations.observed_as_of) as observed_as_of
    from observations
    cross join settings
    where observations.observed_as_of > settings.as_of

),

-- A later run that saw no change wrote nothing: what it saw is written out before this run changes what came before.
kept_for_later as (

    select
        compared.deal_key,
        compared.deal_id,
        compared.revenue_month,
        compared.revenue_category,
        next_observation.observed_as_of,
        compared.is_open_until_now as is_open,
        compared.amount_until_now as amount,
        compared.cause_until_now as cause
    from compared
    cross join next_observation
    left join history
        on
            compared.deal_key = history.deal_key
            and compared.revenue_month = history.revenue_month
            and compared.revenue_category = history.revenue_category
            and next_observation.observed_as_of = history.observed_as_of
    where
        next_observation.observed_as_of is not null
        and history.deal_key is null
        and (
            compared.is_open <> compared.is_open_until_now
            or compared.amount <> compared.amount_until_now
            or compared.cause <> compared.cause_until_now
        )

),

states as (

    select * from changes
    union all
    select * from kept_for_later

),
{%- else %}

states as (

    select
        discrepancies.deal_key,
        discrepancies.deal_id,
        discrepancies.revenue_month,
        discrepancies.revenue_category,
        settings.as_of as observed_as_of,
        1 as is_open,
        discrepancies.amount,
        discrepancies.cause
    from discrepancies
    cross join settings

),
{%- endif %}

final as (

    select
        cast(deal_key as nvarchar(255)) as deal_key,
        cast(deal_id as nvarchar(255)) as deal_id,
        cast(revenue_month as date) as revenue_month,
        cast(revenue_category as nvarchar(20)) as revenue_category,
        observed_as_of,
        cast(is_open as integer) as is_open,
        cast(amount as decimal(18, 2)) as amount,
        cast(cause as nvarchar(30)) as cause
    from states

)

select * from final
