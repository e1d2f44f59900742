{%- set columns = [
    'deal_key', 'deal_id', 'revenue_category', 'currency_code', 'is_scheduled', 'booked_amount', 'recognized_amount',
    'entry_count', 'reposted_entry_count', 'other_currency_entry_count', 'missing_fx_rate_count',
    'months_hash', 'segment_key', 'region_key', 'rep_key', 'is_known_deal', 'is_won_deal',
] -%}
{{
    config(
        materialized='incremental',
        unique_key=['deal_hash', 'revenue_month'],
        incremental_strategy='delete+insert',
        post_hook=["{{ keep_removed_keys('deal_key', 'seen_hash is null') }}", "{{ delete_gone_months() }}"]
    )
}}

{#- What is read in some runs only: dbt learns of it here. -#}
{%- if not execute %}
{%- do ref('int_removed_keys') %}
{%- endif %}

with

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

versions as (

    select * from {{ ref('int_revenue_deal_versions') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

{% if is_incremental() -%}
{{ deals_touched_since('int_revenue_recognized_monthly', 'recognized_build') }},

{{ changed_months_of_deals(ref('int_revenue_recognized_monthly')) }},

judged_booked as (

    select schedule.*
    from {{ ref('int_revenue_schedule') }} as schedule
    inner join compared_deals on schedule.deal_hash = compared_deals.deal_hash
    left join changed_months
        on
            schedule.deal_hash = changed_months.deal_hash
            and schedule.revenue_month = changed_months.revenue_month
    where
        {{ is_booked('schedule', 'compared_deals') }}
        and schedule.revenue_month <= compared_deals.as_of_month
        and (compared_deals.is_judged_otherwise = 1 or changed_months.deal_hash is not null)

),

judged_recognized as (

    select recognized.*
    from {{ ref('int_revenue_recognized_monthly') }} as recognized
    inner join compared_deals on recognized.deal_hash = compared_deals.deal_hash
    left join changed_months
        on
            recognized.deal_hash = changed_months.deal_hash
            and recognized.revenue_month = changed_months.revenue_month
    where
        recognized.revenue_month <= compared_deals.as_of_month
        and (compared_deals.is_judged_otherwise = 1 or changed_months.deal_hash is not null)

),

{% else -%}
judged_booked as (

    select schedule.*
    from {{ ref('int_revenue_schedule') }} as schedule
    cross join settings
    where
        {{ is_booked('schedule', 'settings') }}
        and schedule.revenue_month <= settings.as_of_month

),

judged_recognized as (

    select recognized.*
    from {{ ref('int_revenue_recognized_monthly') }} as recognized
    cross join settings
    where recognized.revenue_month <= settings.as_of_month

),

{% endif -%}
paired as (

    select
        coalesce(judged_booked.deal_hash, judged_recognized.deal_hash) as deal_hash,
        coalesce(judged_booked.deal_key, judged_recognized.deal_key) as deal_key,
        coalesce(judged_booked.deal_id, judged_recognized.deal_id) as deal_id,
        coalesce(judged_booked.revenue_month, judged_recognized.revenue_month) as revenue_month,
        coalesce(judged_booked.revenue_category, judged_recognized.revenue_category) as revenue_category,
        coalesce(judged_booked.currency_code, judged_recognized.currency_code) as currency_code,
        case when judged_booked.deal_key is null then 0 else 1 end as is_scheduled,
        cast(coalesce(judged_booked.booked_amount, 0) as decimal(18, 2)) as booked_amount,
        cast(coalesce(judged_recognized.recognized_amount, 0) as decimal(18, 2)) as recognized_amount,
        coalesce(judged_recognized.entry_count, 0) as entry_count,
        coalesce(judged_recognized.reposted_entry_count, 0) as reposted_entry_count,
        coalesce(judged_recognized.other_currency_entry_count, 0) as other_currency_entry_count,
        coalesce(judged_recognized.missing_fx_rate_count, 0) as missing_fx_rate_count,
        coalesce(judged_recognized.seen_hash, cast(0 as decimal(38, 0))) as seen_hash
    from judged_booked
    full outer join judged_recognized
        on
            judged_booked.deal_hash = judged_recognized.deal_hash
            and judged_booked.revenue_month = judged_recognized.revenue_month
            and judged_booked.revenue_category = judged_recognized.revenue_category

),

deals_there as (

    select deals.*
    from deals
    cross join settings
    where deals.booked_on <= settings.as_of_date or deals.booked_on is null

),

-- A deal booked after as_of has not happened yet: at as_of there is no such deal.
with_deals as (

    select
        paired.*,
        versions.months_hash,
        coalesce(deals_there.segment_key, 'UNKNOWN') as segment_key,
        coalesce(deals_there.region_key, 'UNKNOWN') as region_key,
        coalesce(deals_there.rep_key, 'UNKNOWN') as rep_key,
        case when deals_there.deal_hash is null then 0 else 1 end as is_known_deal,
        coalesce(deals_there.is_won, 0) as is_won_deal
    from paired
    inner join versions on paired.deal_hash = versions.deal_hash
    left join deals_there on paired.deal_hash = deals_there.deal_hash

),

{% if is_incremental() -%}
gone_months as (

    select
        changed_months.deal_hash,
        changed_months.revenue_month
    from changed_months
    left join paired
        on
            changed_months.deal_hash = paired.deal_hash
            and changed_months.revenue_month = paired.revenue_month
    where paired.deal_hash is null

),

{% endif -%}
every_month as (

    select
        deal_hash,
        revenue_month,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        seen_hash
    from with_deals
    {%- if is_incremental() %}

    union all

    select
        built.deal_hash,
        built.revenue_month,
        {%- for column in columns %}
        built.{{ column }},
        {%- endfor %}
        cast(null as decimal(38, 0)) as seen_hash
    from {{ this }} as built
    inner join gone_months
        on
            built.deal_hash = gone_months.deal_hash
            and built.revenue_month = gone_months.revenue_month
    {%- endif %}

),

{{ next_build() }},

recognized_build as (

    select {{ last_build() }} as recognized_build
    from {{ ref('int_revenue_recognized_monthly') }}

),

final as (

    select
        every_month.*,
        recognized_build.recognized_build,
        next_build.build_number
    from every_month
    cross join recognized_build
    cross join next_build

)

select * from final
