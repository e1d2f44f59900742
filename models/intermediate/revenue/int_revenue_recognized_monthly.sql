{%- set columns = [
    'deal_key', 'deal_id', 'is_deal_there', 'revenue_category', 'currency_code', 'recognized_amount', 'entry_count',
    'reposted_entry_count', 'other_currency_entry_count', 'missing_fx_rate_count',
] -%}
{#- An entry as as_of sees it, with its deal or without, and whether it sees it. One that does not say when it was
    posted is taken as posted: its money must not be lost (it is flagged). To be named in each: what as_of is beside. -#}
{%- set version_seen = (
    'case when entries.is_known_deal = 0 or entries.deal_booked_on > {}.as_of_date then -entries.entry_version '
    ~ 'else entries.entry_version end'
) -%}
{%- set is_posted = "coalesce(entries.posted_at, cast('1900-01-01' as " ~ dbt.type_timestamp() ~ ")) <= {}.as_of" -%}
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

entries as (

    select * from {{ ref('int_revenue_entries') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

{% if is_incremental() -%}
{%- set unseen = unseen_since(ref('int_revenue_entries'), this, 'entry_build') %}
-- Of a moment in between, another side is seen now than the last time.
last_moment as (

    select max(built.seen_as_of) as seen_as_of
    from {{ this }} as built
    where built.build_number = (select max(latest.build_number) from {{ this }} as latest)

),

moments as (

    select
        case when last_moment.seen_as_of < settings.as_of then last_moment.seen_as_of else settings.as_of end
            as after_moment,
        case when last_moment.seen_as_of < settings.as_of then settings.as_of else last_moment.seen_as_of end
            as up_to_moment
    from last_moment
    cross join settings

),

-- One is added up in every run, so that the moment it was at is kept with the rows themselves.
deal_that_is_there as (

    select min(entries.deal_hash) as deal_hash
    from {{ ref('int_revenue_entries') }} as entries
    cross join settings
    where
        entries.revenue_month is not null
        and {{ is_posted.format('settings') }}

),

touched_deals as (

    {{ unseen_hashes('int_revenue_entries', unseen, 'deal_hash') }}

    union

    select entries.deal_hash
    from {{ ref('int_revenue_entries') }} as entries
    inner join moments on entries.posted_at > moments.after_moment and entries.posted_at <= moments.up_to_moment

    union

    select entries.deal_hash
    from {{ ref('int_revenue_entries') }} as entries
    inner join moments
        on
            entries.deal_booked_on > cast(moments.after_moment as date)
            and entries.deal_booked_on <= cast(moments.up_to_moment as date)

    union

    select deal_hash
    from deal_that_is_there

),

-- Grouped, and with the settings beside them, so that an engine finds these deals first and then reads their entries.
changed_deals as (

    select
        touched_deals.deal_hash,
        settings.as_of,
        settings.as_of_date
    from touched_deals
    cross join settings
    group by touched_deals.deal_hash, settings.as_of, settings.as_of_date

),

seen_months as (

    select
        entries.deal_hash,
        entries.revenue_month,
        {{ sum_of_fingerprints(version_seen.format('changed_deals')) }} as seen_hash
    from {{ ref('int_revenue_entries') }} as entries
    inner join changed_deals on entries.deal_hash = changed_deals.deal_hash
    where
        entries.revenue_month is not null
        and {{ is_posted.format('changed_deals') }}
    group by entries.deal_hash, entries.revenue_month

),

built_months as (

    select
        built.deal_hash,
        built.revenue_month,
        {{ sum_of_fingerprints('built.seen_hash') }} as seen_hash
    from {{ this }} as built
    inner join changed_deals on built.deal_hash = changed_deals.deal_hash
    group by built.deal_hash, built.revenue_month

),

changed_months as (

    select
        coalesce(seen_months.deal_hash, built_months.deal_hash) as deal_hash,
        coalesce(seen_months.revenue_month, built_months.revenue_month) as revenue_month,
        min(case when seen_months.deal_hash is null then 1 else 0 end) as is_gone,
        settings.as_of,
        settings.as_of_date,
        settings.reporting_currency
    from seen_months
    full outer join built_months
        on
            seen_months.deal_hash = built_months.deal_hash
            and seen_months.revenue_month = built_months.revenue_month
    left join deal_that_is_there on seen_months.deal_hash = deal_that_is_there.deal_hash
    cross join settings
    where
        seen_months.deal_hash is null
        or built_months.deal_hash is null
        or seen_months.seen_hash <> built_months.seen_hash
        or deal_that_is_there.deal_hash is not null
    group by
        coalesce(seen_months.deal_hash, built_months.deal_hash),
        coalesce(seen_months.revenue_month, built_months.revenue_month),
        settings.as_of,
        settings.as_of_date,
        settings.reporting_currency

),

entries_to_add_up as (

    select
        entries.*,
        changed_months.as_of,
        changed_months.as_of_date,
        changed_months.reporting_currency
    from entries
    inner join changed_months
        on
            entries.deal_hash = changed_months.deal_hash
            and entries.revenue_month = changed_months.revenue_month

),

{% else -%}
entries_to_add_up as (

    select
        entries.*,
        settings.as_of,
        settings.as_of_date,
        settings.reporting_currency
    from entries
    cross join settings

),

{% endif -%}
seen as (

    select
        entries.*,
        {{ version_seen.format('entries') }} as version_seen,
        case
            when entries.is_known_deal = 0 or entries.deal_booked_on > entries.as_of_date then 0
            else 1
        end as is_deal_there
    from entries_to_add_up as entries
    where {{ is_posted.format('entries') }}

),

monthly as (

    select
        deal_hash,
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
            as unconvertible_entry_count,
        {{ sum_of_fingerprints('version_seen') }} as seen_hash
    from seen
    where revenue_month is not null
    group by deal_hash, deal_key, revenue_month, revenue_category

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
        cast(seen_hash as decimal(38, 0)) as seen_hash
    from monthly

),

{{ next_build() }},

entries_build as (

    select {{ last_build() }} as entry_build
    from {{ ref('int_revenue_entries') }}

),

every_month as (

    select
        deal_hash,
        revenue_month,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        seen_hash
    from in_one_currency
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
    inner join changed_months
        on
            built.deal_hash = changed_months.deal_hash
            and built.revenue_month = changed_months.revenue_month
    where changed_months.is_gone = 1
    {%- endif %}

),

final as (

    select
        every_month.*,
        settings.as_of as seen_as_of,
        entries_build.entry_build,
        next_build.build_number
    from every_month
    cross join settings
    cross join entries_build
    cross join next_build

)

select * from final
