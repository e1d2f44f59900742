{{
    config(
        materialized='incremental',
        unique_key='deal_hash',
        incremental_strategy='delete+insert',
        post_hook="{{ delete_keys_gone_from(ref('int_revenue_ledger_versions'), 'deal_hash') }}"
    )
}}

with

entries as (

    select * from {{ ref('int_revenue_entries') }}

),

versions as (

    select * from {{ ref('int_revenue_ledger_versions') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

changed_versions as (

    {{ only_changed('versions', 'deal_hash', 'recognized_hash', has_many_rows=true) }}

),

-- Grouped, so that an engine finds these deals first and only then reads their entries.
changed_deals as (

    select
        deal_hash,
        recognized_hash
    from changed_versions
    group by deal_hash, recognized_hash

),

-- An entry that does not say when it was posted is taken as posted: its money must not be lost (it is flagged).
seen as (

    select
        entries.*,
        changed_deals.recognized_hash,
        settings.reporting_currency,
        case
            when entries.is_known_deal = 0 or entries.deal_booked_on > settings.as_of_date then 0
            else 1
        end as is_deal_there
    from entries
    inner join changed_deals on entries.deal_hash = changed_deals.deal_hash
    cross join settings
    where entries.posted_at <= settings.as_of or entries.posted_at is null

),

monthly as (

    select
        deal_hash,
        recognized_hash,
        deal_key,
        revenue_month,
        revenue_category,
        max(deal_id) as deal_id,
        max(is_deal_there) as is_deal_there,
        max(deal_currency_code) as deal_currency_code,
        max(reporting_currency) as reporting_currency,
        min(currency_code) as first_currency_code,
        max(currency_code) as last_currency_code,
        sum(case when is_reposted_entry = 0 then amount_in_deal_currency else 0 end) as amount_in_deal_currency,
        sum(case when is_reposted_entry = 0 then recognized_amount else 0 end) as amount_in_own_currency,
        sum(
            case when is_reposted_entry = 0 then amount_in_reporting_currency else 0 end
        ) as amount_in_reporting_currency,
        count(*) as entry_count,
        sum(is_reposted_entry) as reposted_entry_count,
        sum(case when is_reposted_entry = 0 then is_in_other_currency else 0 end) as other_currency_entry_count,
        sum(case when is_reposted_entry = 0 then is_missing_fx_rate else 0 end) as missing_fx_rate_count,
        sum(case when is_reposted_entry = 0 and amount_in_reporting_currency is null then 1 else 0 end)
            as unconvertible_entry_count
    from seen
    where revenue_month is not null
    group by deal_hash, recognized_hash, deal_key, revenue_month, revenue_category

),

-- Entries whose deal is not known, or not booked yet, have no deal's currency to stand in: theirs where they all share
-- one, else the reporting currency.
in_one_currency as (

    select
        deal_hash,
        deal_key,
        deal_id,
        is_deal_there,
        revenue_month,
        revenue_category,
        case
            when is_deal_there = 1 then deal_currency_code
            when first_currency_code = last_currency_code then first_currency_code
            else reporting_currency
        end as currency_code,
        cast(
            coalesce(
                case
                    when is_deal_there = 1 then amount_in_deal_currency
                    when first_currency_code = last_currency_code then amount_in_own_currency
                    else amount_in_reporting_currency
                end,
                0
            ) as decimal(18, 2)
        ) as recognized_amount,
        entry_count,
        reposted_entry_count,
        case when is_deal_there = 1 then other_currency_entry_count else 0 end as other_currency_entry_count,
        case
            when is_deal_there = 1 then missing_fx_rate_count
            when first_currency_code = last_currency_code then 0
            else unconvertible_entry_count
        end as missing_fx_rate_count,
        recognized_hash
    from monthly

)

select * from in_one_currency
