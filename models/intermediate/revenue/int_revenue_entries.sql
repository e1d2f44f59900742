{%- set columns = [
    'entry_hash', 'entry_key', 'entry_id', 'deal_hash', 'deal_key', 'deal_id', 'is_known_deal', 'revenue_month',
    'revenue_type', 'revenue_category', 'entry_type', 'recognized_amount', 'currency_code', 'deal_currency_code',
    'deal_booked_on', 'posted_at', 'amount_in_deal_currency', 'amount_in_reporting_currency', 'is_reposted_entry',
    'is_in_other_currency', 'is_unknown_revenue_type', 'is_orphan_deal', 'is_missing_fx_rate', 'source_hash',
    'posting_hash', 'inputs_hash', 'types_hash', 'rates_hash', 'entry_build', 'deal_build', 'entry_version',
] -%}
{{
    config(
        materialized='incremental',
        unique_key='entry_hash',
        indexes=index_on(['deal_key']),
        incremental_strategy='delete+insert',
        post_hook=[
            "{{ keep_removed_keys('deal_key', 'is_replaced = 1') }}",
            "{{ delete_replaced_entries() }}",
            "{{ delete_keys_gone_from(ref('stg_accounting__revenue_entries'), 'entry_key', rows_of_a_key=1) }}"
        ]
    )
}}

{#- What is read in some runs only: dbt learns of it here. -#}
{%- if not execute %}
{%- do ref('stg_analytics__deals') %}
{%- do ref('int_removed_keys') %}
{%- endif %}

with

entries as (

    select * from {{ ref('stg_accounting__revenue_entries') }}

),

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

revenue_types as (

    select * from {{ ref('stg_reference__revenue_types') }}

),

fx_rates as (

    select * from {{ ref('stg_reference__fx_rates') }}

),

rules_version as (

    select * from {{ ref('int_revenue_rules_version') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

{% if is_incremental() -%}
{%- set unseen_entries = unseen_since(ref('stg_accounting__revenue_entries'), this, 'entry_build') %}
{%- set unseen_deals = unseen_since(ref('stg_analytics__deals'), this, 'deal_build') %}
changed_entries as (

    select
        entries.source_hash,
        entries.deal_hash,
        entries.key_hash as entry_hash,
        {{ row_hash([
            'entries.deal_key', 'entries.revenue_month', 'entries.revenue_type_key', 'entries.entry_type',
            'entries.recognized_amount', 'entries.posted_at'
        ]) }} as posting_hash
    from {{ ref('stg_accounting__revenue_entries') }} as entries
    where entries.build_number > {{ unseen_entries.after }}

),

touched_entries as (

    select entry_hash
    from changed_entries

    union

    {{ removed_since('stg_accounting__revenue_entries', unseen_entries.after, 'entry_hash') }}
    {%- if unseen_entries.is_all %}

    union

    -- Also those that are there no more.
    select entry_hash
    from {{ this }}
    {%- endif %}

),

-- As they were.
built_entries as (

    select
        built.entry_hash,
        built.posting_hash,
        built.deal_hash
    from {{ this }} as built
    inner join touched_entries on built.entry_hash = touched_entries.entry_hash

),

-- Handed over once more as they were, so that the deal which they leave is kept (int_removed_keys), then deleted.
replaced_entries as (

    select built_entries.entry_hash
    from built_entries
    left join changed_entries
        on
            built_entries.entry_hash = changed_entries.entry_hash
            and built_entries.deal_hash = changed_entries.deal_hash
    where changed_entries.entry_hash is null

),

-- A re-posting is known only by its fellows: with an entry that came, changed or went, those like it are looked at.
touched_postings as (

    select posting_hash
    from changed_entries

    union

    select posting_hash
    from built_entries

),

touched_deals as (

    select deal_hash
    from changed_entries

    union

    select deal_hash
    from built_entries

),

-- All entries of a deal that is not known are worked out again with one of them: its spelling is chosen among them.
unknown_touched_deals as (

    select touched_deals.deal_hash
    from touched_deals
    left join deals on touched_deals.deal_hash = deals.deal_hash
    where deals.deal_hash is null

),

unseen_deals as (

    {{ unseen_hashes('stg_analytics__deals', unseen_deals, 'deal_hash') }}

),

outdated_entries as (

    select source_hash
    from changed_entries

    union

    select built.source_hash
    from {{ this }} as built
    inner join touched_postings on built.posting_hash = touched_postings.posting_hash

    union

    select built.source_hash
    from {{ this }} as built
    inner join unknown_touched_deals on built.deal_hash = unknown_touched_deals.deal_hash

    union

    select built.source_hash
    from {{ this }} as built
    inner join unseen_deals on built.deal_hash = unseen_deals.deal_hash
    cross join rules_version
    left join deals on built.deal_hash = deals.deal_hash
    where built.inputs_hash <> {{ row_hash(['deals.ledger_hash', 'rules_version.types_hash']) }}

    union

    select built.source_hash
    from {{ this }} as built
    cross join rules_version
    where
        built.types_hash <> rules_version.types_hash
        or (built.rates_hash <> 0 and built.rates_hash <> rules_version.rates_hash)

),

outdated as (

    select entries.*
    from entries
    inner join outdated_entries on entries.source_hash = outdated_entries.source_hash

),

{% else -%}
outdated as (

    select * from entries

),

{% endif -%}
-- What the deals have seen, not what there is to be seen of them.
deals_build as (

    select {{ last_build('deal_build') }} as deal_build
    from {{ ref('int_revenue_deals') }}

),

entries_build as (

    select {{ last_build() }} as entry_build
    from {{ ref('stg_accounting__revenue_entries') }}

),

-- An entry without a currency is in that of its deal; without a deal, in the reporting currency. A deal booked after
-- the entry was posted is not there yet at some as_of.
with_deals as (

    select
        outdated.*,
        deals.deal_id as known_deal_id,
        deals.currency_code as deal_currency_code,
        deals.booked_on as deal_booked_on,
        coalesce(outdated.currency_code, deals.currency_code, settings.reporting_currency) as entry_currency_code,
        settings.reporting_currency,
        rules_version.types_hash,
        rules_version.rates_hash as rates_in_force,
        entries_build.entry_build,
        deals_build.deal_build,
        {{ row_hash(['deals.ledger_hash', 'rules_version.types_hash']) }} as inputs_hash,
        case when deals.deal_hash is null then 0 else 1 end as is_known_deal,
        case
            when deals.deal_hash is null then 1
            when deals.booked_on > cast(outdated.posted_at as date) then 1
            when deals.booked_on is not null and outdated.posted_at is null then 1
            else 0
        end as is_ever_without_deal
    from outdated
    cross join entries_build
    cross join deals_build
    cross join rules_version
    cross join settings
    left join deals on outdated.deal_hash = deals.deal_hash

),

with_currencies as (

    select
        *,
        case
            when is_known_deal = 1 and entry_currency_code <> deal_currency_code then 1
            else 0
        end as is_in_other_currency
    from with_deals

),

changed as (

    select
        with_currencies.key_hash as entry_hash,
        with_currencies.entry_key,
        with_currencies.entry_id,
        with_currencies.deal_hash,
        with_currencies.deal_key,
        with_currencies.deal_id,
        with_currencies.known_deal_id,
        with_currencies.is_known_deal,
        with_currencies.revenue_month,
        with_currencies.revenue_type_key,
        coalesce(revenue_types.revenue_type, with_currencies.revenue_type) as revenue_type,
        coalesce(revenue_types.revenue_category, 'unclassified') as revenue_category,
        with_currencies.entry_type,
        with_currencies.recognized_amount as given_amount,
        cast(coalesce(with_currencies.recognized_amount, 0) as decimal(18, 2)) as recognized_amount,
        with_currencies.entry_currency_code as currency_code,
        with_currencies.deal_currency_code,
        with_currencies.deal_booked_on,
        with_currencies.reporting_currency,
        with_currencies.posted_at,
        case
            when with_currencies.revenue_type is not null and revenue_types.revenue_type is null then 1
            else 0
        end as is_unknown_revenue_type,
        case
            when with_currencies.is_missing_deal_id = 0 and with_currencies.is_known_deal = 0 then 1
            else 0
        end as is_orphan_deal,
        with_currencies.is_in_other_currency,
        with_currencies.is_ever_without_deal,
        with_currencies.source_hash,
        with_currencies.inputs_hash,
        with_currencies.types_hash,
        with_currencies.entry_build,
        with_currencies.deal_build,
        case
            when with_currencies.is_in_other_currency = 1 or with_currencies.is_ever_without_deal = 1
                then with_currencies.rates_in_force
            else 0
        end as rates_hash,
        {{ row_hash([
            'with_currencies.deal_key', 'with_currencies.revenue_month', 'with_currencies.revenue_type_key',
            'with_currencies.entry_type', 'with_currencies.recognized_amount', 'with_currencies.posted_at'
        ]) }} as posting_hash
    from with_currencies
    left join revenue_types on with_currencies.revenue_type_key = revenue_types.revenue_type_key

),

-- Few postings look alike: only those are ranked, field by field. Two nulls are alike.
alike_postings as (

    select posting_hash
    from changed
    group by posting_hash
    having count(*) > 1

),

ranked_postings as (

    select
        changed.entry_key,
        row_number() over (
            partition by
                changed.deal_key,
                changed.revenue_month,
                changed.revenue_type_key,
                changed.entry_type,
                changed.given_amount,
                changed.posted_at
            order by {{ sort_key('changed.entry_key') }}
        ) as posting_rank
    from changed
    inner join alike_postings on changed.posting_hash = alike_postings.posting_hash

),

repostings as (

    select entry_key
    from ranked_postings
    where posting_rank > 1

),

spellings_of_unknown_deals as (

    select
        deal_key,
        deal_id,
        row_number() over (partition by deal_key order by {{ sort_key('deal_id') }}) as spelling_rank
    from changed
    where is_known_deal = 0

),

unknown_deals as (

    select
        deal_key,
        deal_id
    from spellings_of_unknown_deals
    where spelling_rank = 1

),

rates_of_month as (

    select
        changed.*,
        coalesce(changed.known_deal_id, unknown_deals.deal_id, '(none)') as row_deal_id,
        case
            when changed.currency_code = changed.reporting_currency then 1
            else entry_rates.rate_to_reporting
        end as entry_rate,
        case
            when changed.deal_currency_code = changed.reporting_currency then 1
            else deal_rates.rate_to_reporting
        end as deal_rate,
        case when repostings.entry_key is null then 0 else 1 end as is_reposted_entry
    from changed
    left join repostings on changed.entry_key = repostings.entry_key
    left join unknown_deals on changed.deal_key = unknown_deals.deal_key
    left join fx_rates as entry_rates
        on
            changed.currency_code = entry_rates.currency_code
            and changed.revenue_month = entry_rates.rate_month
    left join fx_rates as deal_rates
        on
            changed.deal_currency_code = deal_rates.currency_code
            and changed.revenue_month = deal_rates.rate_month
            and changed.is_in_other_currency = 1

),

-- The amount x 100 is whole, so that the product keeps every digit of the rate.
converted as (

    select
        entry_hash,
        entry_key,
        entry_id,
        deal_hash,
        deal_key,
        row_deal_id as deal_id,
        is_known_deal,
        revenue_month,
        revenue_type,
        revenue_category,
        entry_type,
        recognized_amount,
        currency_code,
        deal_currency_code,
        deal_booked_on,
        posted_at,
        cast(
            case
                when is_in_other_currency = 0 then recognized_amount
                else {{ divide_rounded(
                    'cast(recognized_amount * 100 as decimal(19, 0)) * cast(entry_rate as decimal(18, 8))',
                    'cast(deal_rate as decimal(18, 8)) * 100'
                ) }}
            end as decimal(18, 2)
        ) as amount_in_deal_currency,
        cast(
            case
                when is_ever_without_deal = 1
                    then {{ round_money('recognized_amount * cast(entry_rate as decimal(18, 8))') }}
            end as decimal(18, 2)
        ) as amount_in_reporting_currency,
        is_reposted_entry,
        is_in_other_currency,
        is_unknown_revenue_type,
        is_orphan_deal,
        case
            when is_in_other_currency = 0 or revenue_month is null then 0
            when entry_rate is null or deal_rate is null then 1
            else 0
        end as is_missing_fx_rate,
        source_hash,
        posting_hash,
        inputs_hash,
        types_hash,
        rates_hash,
        entry_build,
        deal_build,
        {{ row_hash(['source_hash', 'inputs_hash', 'rates_hash', 'row_deal_id', 'is_reposted_entry']) }}
            as entry_version
    from rates_of_month

),

{{ next_build() }},

final as (

    select
        {%- for column in columns %}
        converted.{{ column }},
        {%- endfor %}
        0 as is_replaced,
        next_build.build_number
    from converted
    cross join next_build
    {%- if is_incremental() %}

    union all

    select
        {%- for column in columns %}
        built.{{ column }},
        {%- endfor %}
        1 as is_replaced,
        next_build.build_number
    from {{ this }} as built
    inner join replaced_entries on built.entry_hash = replaced_entries.entry_hash
    cross join next_build
    {%- endif %}

)

select * from final
