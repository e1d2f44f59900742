{{
    config(
        materialized='incremental',
        unique_key='deal_hash',
        indexes=index_on(['deal_key']),
        incremental_strategy='delete+insert',
        post_hook="{{ delete_keys_gone_from(ref('int_revenue_scheduled_deals'), 'deal_hash', parent_rows='sum(cast(scheduled_months as bigint))') }}"
    )
}}

with

scheduled_deals as (

    select * from {{ ref('int_revenue_scheduled_deals') }}

),

numbers as (

    select * from {{ ref('int_numbers') }}

),

{% if is_incremental() -%}
{%- set unseen = unseen_since(ref('int_revenue_deals'), this, 'deal_build') %}
unseen_deals as (

    select *
    from scheduled_deals
    where build_number > {{ unseen.after }}

),

built_deals as (

    select
        built.deal_hash,
        built.term_hash
    from {{ this }} as built
    inner join unseen_deals on built.deal_hash = unseen_deals.deal_hash
    group by built.deal_hash, built.term_hash

),

changed_deals as (

    select unseen_deals.*
    from unseen_deals
    left join built_deals
        on
            unseen_deals.deal_hash = built_deals.deal_hash
            and unseen_deals.term_hash = built_deals.term_hash
    where built_deals.deal_hash is null

),

{% else -%}
changed_deals as (

    select * from scheduled_deals

),

{% endif -%}
deals_build as (

    select {{ last_build() }} as deal_build
    from {{ ref('int_revenue_deals') }}

),

priced as (

    select
        *,
        {{ divide_rounded('contract_value', 'scheduled_months') }} as monthly_amount
    from changed_deals

),

terms as (

    select distinct scheduled_months
    from changed_deals

),

-- The months are counted out once for each length of term: joined to each deal by a range they would never finish.
months_of_terms as (

    select
        terms.scheduled_months,
        numbers.number as month_number
    from terms
    inner join numbers on terms.scheduled_months > numbers.number

),

schedule as (

    select
        priced.deal_hash,
        priced.deal_key,
        priced.deal_id,
        {{ add_months('priced.first_month', 'months_of_terms.month_number') }} as revenue_month,
        priced.revenue_category,
        cast(
            case
                when months_of_terms.month_number = priced.scheduled_months - 1
                    then priced.contract_value - priced.monthly_amount * (priced.scheduled_months - 1)
                else priced.monthly_amount
            end as decimal(18, 2)
        ) as booked_amount,
        priced.currency_code,
        priced.booked_on,
        priced.cancelled_on,
        priced.term_hash,
        deals_build.deal_build
    from priced
    inner join months_of_terms
        on priced.scheduled_months = months_of_terms.scheduled_months
    cross join deals_build

)

select * from schedule
