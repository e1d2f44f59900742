{#- What a row has beside its deal and month. -#}
{%- set columns = [
    'revenue_category', 'booked_amount', 'recognized_amount', 'variance_amount', 'variance_pct', 'cause', 'severity',
    'explanation', 'currency_code', 'customer_segment', 'sales_region', 'sales_rep', 'booked_amount_reporting',
    'recognized_amount_reporting', 'variance_amount_reporting', 'unexplained_amount', 'unexplained_amount_reporting',
    'entry_count', 'reposted_entry_count', 'other_currency_entry_count', 'missing_fx_rate_count',
    'is_missing_fx_rate', 'deal_key', 'months_hash',
] -%}
{{
    config(
        materialized='incremental',
        unique_key=['deal_hash', 'revenue_month'],
        incremental_strategy='delete+insert',
        indexes=index_on(['deal_id', 'revenue_month']),
        cluster_by=['revenue_month'],
        post_hook="{{ delete_gone_months() }}"
    )
}}

{#- What is read in some runs only: dbt learns of it here. -#}
{%- if not execute %}
{%- do ref('int_removed_keys') %}
{%- endif %}

with

months as (

    select * from {{ ref('int_revenue_months') }}

),

labels as (

    select * from {{ ref('int_revenue_labels') }}

),

fx_rates as (

    select * from {{ ref('stg_reference__fx_rates') }}

),

thresholds as (

    select * from {{ ref('stg_reference__variance_thresholds') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

limits as (

    select
        max(case when severity = 'info' then min_pct end) as info_pct,
        max(case when severity = 'info' then min_amount end) as info_amount,
        max(case when severity = 'warning' then min_pct end) as warning_pct,
        max(case when severity = 'warning' then min_amount end) as warning_amount,
        max(case when severity = 'critical' then min_pct end) as critical_pct,
        max(case when severity = 'critical' then min_amount end) as critical_amount
    from thresholds
    where domain = 'revenue'

),

{% if is_incremental() -%}
{{ deals_touched_since('int_revenue_months', 'month_build') }},

versions as (

    select
        months.deal_hash,
        max(months.months_hash) as months_hash
    from {{ ref('int_revenue_months') }} as months
    inner join touched_deals on months.deal_hash = touched_deals.deal_hash
    group by months.deal_hash

),

{{ changed_months_of_deals(ref('int_revenue_months'), only_touched=true) }},

-- A month is judged with the one before and the one after, so that those are judged again with it, each with its own.
months_around as (

    select
        months.deal_hash,
        months.revenue_month,
        abs({{ months_between('changed_months.revenue_month', 'months.revenue_month') }}) as distance
    from {{ ref('int_revenue_months') }} as months
    inner join changed_months on months.deal_hash = changed_months.deal_hash
    where changed_months.is_judged_otherwise = 0

    union all

    select
        months.deal_hash,
        months.revenue_month,
        0 as distance
    from {{ ref('int_revenue_months') }} as months
    inner join compared_deals on months.deal_hash = compared_deals.deal_hash
    where compared_deals.is_judged_otherwise = 1

),

outdated_months as (

    select
        deal_hash,
        revenue_month,
        min(distance) as distance
    from months_around
    where distance <= 2
    group by deal_hash, revenue_month

),

months_to_judge as (

    select
        months.*,
        outdated_months.distance
    from months
    inner join outdated_months
        on
            months.deal_hash = outdated_months.deal_hash
            and months.revenue_month = outdated_months.revenue_month

),

{% else -%}
months_to_judge as (

    select
        *,
        0 as distance
    from months

),

{% endif -%}
measured as (

    select
        months.*,
        coalesce(segments.label, 'Unknown') as customer_segment,
        coalesce(regions.label, 'Unknown') as sales_region,
        coalesce(reps.label, 'Unknown') as sales_rep,
        settings.variance_tolerance,
        months.recognized_amount - months.booked_amount as variance_amount,
        abs(months.recognized_amount - months.booked_amount) as variance_size,
        abs(months.booked_amount) as booked_size,
        case
            when months.currency_code = settings.reporting_currency then cast(1 as decimal(18, 8))
            else cast(fx_rates.rate_to_reporting as decimal(18, 8))
        end as reporting_rate
    from months_to_judge as months
    cross join settings
    left join fx_rates
        on
            months.currency_code = fx_rates.currency_code
            and months.revenue_month = fx_rates.rate_month
    left join labels as segments on months.segment_key = segments.label_key and segments.field = 'customer_segment'
    left join labels as regions on months.region_key = regions.label_key and regions.field = 'sales_region'
    left join labels as reps on months.rep_key = reps.label_key and reps.field = 'sales_rep'

),

-- Neighbours: the rows before and after of the same deal and category, adjacent only if a month apart. Of the other
-- categories of the month only the ones off by the same amount matter.
with_neighbours as (

    select
        *,
        lag(revenue_month) over (partition by deal_hash, revenue_category order by revenue_month) as earlier_month,
        lag(variance_amount) over (partition by deal_hash, revenue_category order by revenue_month) as earlier_variance,
        lag(booked_size) over (partition by deal_hash, revenue_category order by revenue_month) as earlier_booked,
        lead(revenue_month) over (partition by deal_hash, revenue_category order by revenue_month) as later_month,
        lead(variance_amount) over (partition by deal_hash, revenue_category order by revenue_month) as later_variance,
        lead(booked_size) over (partition by deal_hash, revenue_category order by revenue_month) as later_booked,
        min(variance_amount) over (partition by deal_hash, revenue_month, variance_size) as least_alike,
        max(variance_amount) over (partition by deal_hash, revenue_month, variance_size) as greatest_alike
    from measured

),

related as (

    select
        *,
        {{ round_money('variance_size * reporting_rate') }} as variance_size_reporting,
        case when least_alike < 0 and greatest_alike > 0 then 1 else 0 end as is_under_other_category,
        case
            when
                {{ months_between('earlier_month', 'revenue_month') }} = 1
                and sign(earlier_variance) * sign(variance_amount) = -1
                and abs(earlier_variance + variance_amount) <= variance_tolerance * case
                    when earlier_booked > booked_size then earlier_booked else booked_size
                end
                then 'earlier'
            when
                {{ months_between('revenue_month', 'later_month') }} = 1
                and sign(later_variance) * sign(variance_amount) = -1
                and abs(later_variance + variance_amount) <= variance_tolerance * case
                    when later_booked > booked_size then later_booked else booked_size
                end
                then 'later'
        end as shifted_with
    from with_neighbours
    where distance <= 1

),

judged as (

    select
        *,
        case
            when reposted_entry_count > 0 then 'duplicate_entry'
            when other_currency_entry_count > 0 then 'currency_mismatch'
            when variance_size <= variance_tolerance * booked_size then 'matched'
            when is_under_other_category = 1 then 'type_mismatch'
            when shifted_with is not null then 'timing_shift'
            when booked_amount <> 0 and recognized_amount = 0 then 'missing_recognition'
            when is_won_deal = 0 then 'unbooked_recognition'
            when is_scheduled = 0 then 'recognized_outside_term'
            else 'amount_mismatch'
        end as cause
    from related

),

rated as (

    select
        judged.*,
        case
            when judged.cause = 'matched' then null
            when
                judged.variance_size_reporting >= limits.critical_amount
                and (judged.booked_size = 0 or judged.variance_size >= limits.critical_pct * judged.booked_size)
                then 'critical'
            when
                judged.variance_size_reporting >= limits.warning_amount
                and (judged.booked_size = 0 or judged.variance_size >= limits.warning_pct * judged.booked_size)
                then 'warning'
            when
                judged.variance_size_reporting >= limits.info_amount
                and (judged.booked_size = 0 or judged.variance_size >= limits.info_pct * judged.booked_size)
                then 'info'
        end as severity,
        -- What is still off after re-postings are removed and currencies converted has no cause of its own.
        case
            when judged.variance_size <= judged.variance_tolerance * judged.booked_size then 0
            when judged.cause = 'duplicate_entry' then 1
            when judged.cause = 'currency_mismatch' and judged.missing_fx_rate_count = 0 then 1
            else 0
        end as is_unexplained
    from judged
    cross join limits

),

with_texts as (

    select
        *,
        {{ month_text('revenue_month') }} as revenue_month_text,
        case when cause <> 'matched' then {{ amount_text('booked_amount') }} end as booked_text,
        case when cause <> 'matched' then {{ amount_text('recognized_amount') }} end as recognized_text,
        case when cause <> 'matched' then {{ amount_text('variance_size') }} end as variance_text
    from rated

),

in_words as (

    select
        *,
        {{ variance_explanation() }} as explanation,
        {{ round_money('booked_amount * reporting_rate') }} as booked_amount_reporting,
        {{ round_money('recognized_amount * reporting_rate') }} as recognized_amount_reporting
    from with_texts

),

{% if is_incremental() -%}
gone_months as (

    select
        changed_months.deal_hash,
        changed_months.revenue_month
    from changed_months
    left join outdated_months
        on
            changed_months.deal_hash = outdated_months.deal_hash
            and changed_months.revenue_month = outdated_months.revenue_month
    where outdated_months.deal_hash is null

),

{% endif -%}
months_build as (

    select {{ last_build() }} as month_build
    from {{ ref('int_revenue_months') }}

),

final as (

    select
        in_words.deal_hash,
        cast(in_words.deal_id as nvarchar(255)) as deal_id,
        cast(in_words.revenue_month as date) as revenue_month,
        cast(in_words.revenue_category as nvarchar(20)) as revenue_category,
        cast(in_words.booked_amount as decimal(18, 2)) as booked_amount,
        cast(in_words.recognized_amount as decimal(18, 2)) as recognized_amount,
        cast(in_words.variance_amount as decimal(18, 2)) as variance_amount,
        {{ ratio('in_words.variance_amount', 'in_words.booked_amount') }} as variance_pct,
        cast(in_words.cause as nvarchar(30)) as cause,
        cast(in_words.severity as nvarchar(20)) as severity,
        cast(in_words.explanation as nvarchar(400)) as explanation,
        cast(in_words.currency_code as nvarchar(255)) as currency_code,
        cast(in_words.customer_segment as nvarchar(255)) as customer_segment,
        cast(in_words.sales_region as nvarchar(255)) as sales_region,
        cast(in_words.sales_rep as nvarchar(255)) as sales_rep,
        cast(in_words.booked_amount_reporting as decimal(18, 2)) as booked_amount_reporting,
        cast(in_words.recognized_amount_reporting as decimal(18, 2)) as recognized_amount_reporting,
        cast(in_words.recognized_amount_reporting - in_words.booked_amount_reporting as decimal(18, 2))
            as variance_amount_reporting,
        cast(in_words.is_unexplained * in_words.variance_amount as decimal(18, 2)) as unexplained_amount,
        cast(
            in_words.is_unexplained * (in_words.recognized_amount_reporting - in_words.booked_amount_reporting)
            as decimal(18, 2)
        ) as unexplained_amount_reporting,
        cast(in_words.entry_count as integer) as entry_count,
        cast(in_words.reposted_entry_count as integer) as reposted_entry_count,
        cast(in_words.other_currency_entry_count as integer) as other_currency_entry_count,
        cast(in_words.missing_fx_rate_count as integer) as missing_fx_rate_count,
        case when in_words.missing_fx_rate_count > 0 or in_words.reporting_rate is null then 1 else 0 end
            as is_missing_fx_rate,
        cast(in_words.deal_key as nvarchar(255)) as deal_key,
        in_words.months_hash,
        in_words.seen_hash,
        months_build.month_build
    from in_words
    cross join months_build

    {%- if is_incremental() %}

    union all

    select
        built.deal_hash,
        built.deal_id,
        built.revenue_month,
        {%- for column in columns %}
        built.{{ column }},
        {%- endfor %}
        cast(null as decimal(38, 0)) as seen_hash,
        built.month_build
    from {{ this }} as built
    inner join gone_months
        on
            built.deal_hash = gone_months.deal_hash
            and built.revenue_month = gone_months.revenue_month
    {%- endif %}

)

select * from final
