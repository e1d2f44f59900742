{{
    config(
        materialized='incremental',
        unique_key='deal_hash',
        incremental_strategy='delete+insert',
        post_hook="{{ delete_keys_gone_from(ref('int_revenue_deal_versions'), 'deal_hash') }}"
    )
}}

with

booked as (

    select * from {{ ref('int_revenue_booked_monthly') }}

),

recognized as (

    select * from {{ ref('int_revenue_recognized_monthly') }}

),

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

versions as (

    select * from {{ ref('int_revenue_deal_versions') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

changed_deals as (

    {{ only_changed('versions', 'deal_hash', 'months_hash', has_many_rows=true) }}

),

judged_booked as (

    select booked.*
    from booked
    inner join changed_deals on booked.deal_hash = changed_deals.deal_hash
    cross join settings
    where booked.revenue_month <= settings.as_of_month

),

judged_recognized as (

    select recognized.*
    from recognized
    inner join changed_deals on recognized.deal_hash = changed_deals.deal_hash
    cross join settings
    where recognized.revenue_month <= settings.as_of_month

),

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
        coalesce(judged_recognized.missing_fx_rate_count, 0) as missing_fx_rate_count
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
    inner join changed_deals on deals.deal_hash = changed_deals.deal_hash
    cross join settings
    where deals.booked_on <= settings.as_of_date or deals.booked_on is null

),

-- A deal booked after as_of has not happened yet: at as_of there is no such deal.
with_deals as (

    select
        paired.*,
        changed_deals.months_hash,
        coalesce(deals_there.segment_key, 'UNKNOWN') as segment_key,
        coalesce(deals_there.region_key, 'UNKNOWN') as region_key,
        coalesce(deals_there.rep_key, 'UNKNOWN') as rep_key,
        case when deals_there.deal_hash is null then 0 else 1 end as is_known_deal,
        coalesce(deals_there.is_won, 0) as is_won_deal
    from paired
    inner join changed_deals on paired.deal_hash = changed_deals.deal_hash
    left join deals_there on paired.deal_hash = deals_there.deal_hash

)

select * from with_deals
