{{
    config(
        materialized='incremental',
        unique_key='deal_hash',
        indexes=index_on(['deal_key']),
        post_hook="{{ delete_keys_gone_from(ref('int_revenue_obligation_versions'), 'deal_hash') }}"
    )
}}

with

schedule as (

    select * from {{ ref('int_revenue_schedule') }}

),

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

labels as (

    select * from {{ ref('int_revenue_labels') }}

),

versions as (

    select * from {{ ref('int_revenue_obligation_versions') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

changed_deals as (

    {{ only_changed('versions', 'deal_hash', 'obligation_hash') }}

),

scheduled as (

    select
        schedule.deal_hash,
        schedule.revenue_month,
        schedule.booked_amount,
        settings.as_of_month,
        {{ add_months('settings.as_of_month', 12) }} as month_after_a_year,
        case
            when
                schedule.cancelled_on is null
                or schedule.cancelled_on > settings.as_of_date
                or schedule.revenue_month <= schedule.cancelled_on
                then 1
            else 0
        end as is_due
    from schedule
    inner join changed_deals on schedule.deal_hash = changed_deals.deal_hash
    cross join settings
    where schedule.booked_on <= settings.as_of_date or schedule.booked_on is null

),

summed as (

    select
        deal_hash,
        sum(booked_amount) as contract_value,
        sum(is_due * booked_amount) as booked_amount,
        sum(case when revenue_month <= as_of_month then is_due * booked_amount else 0 end) as scheduled_to_date,
        sum(
            case
                when revenue_month > as_of_month and revenue_month <= month_after_a_year then is_due * booked_amount
                else 0
            end
        ) as due_within_12_months,
        sum(case when revenue_month > month_after_a_year then is_due * booked_amount else 0 end) as due_later,
        min(revenue_month) as first_month,
        max(case when is_due = 1 then revenue_month end) as last_month
    from scheduled
    group by deal_hash

),

-- A deal that does not say when it was booked is taken as booked when its term begins, or now where that is to come.
with_months as (

    select
        summed.*,
        changed_deals.obligation_hash,
        deals.deal_key,
        deals.deal_id,
        deals.revenue_category,
        deals.currency_code,
        coalesce(labels.label, 'Unknown') as customer_segment,
        case
            when deals.booked_on is not null then {{ month_start('deals.booked_on') }}
            when summed.first_month > settings.as_of_month then settings.as_of_month
            else summed.first_month
        end as booked_month,
        case when deals.cancelled_on <= settings.as_of_date then {{ month_start('deals.cancelled_on') }} end
            as month_of_cancellation
    from summed
    inner join changed_deals on summed.deal_hash = changed_deals.deal_hash
    cross join settings
    inner join deals on summed.deal_hash = deals.deal_hash
    left join labels on deals.segment_key = labels.label_key and labels.field = 'customer_segment'

),

final as (

    select
        deal_hash,
        deal_key,
        deal_id,
        revenue_category,
        customer_segment,
        currency_code,
        booked_month,
        case
            when month_of_cancellation < booked_month then booked_month
            else month_of_cancellation
        end as cancelled_month,
        first_month,
        last_month,
        cast(contract_value as decimal(18, 2)) as contract_value,
        cast(booked_amount as decimal(18, 2)) as booked_amount,
        cast(scheduled_to_date as decimal(18, 2)) as scheduled_to_date,
        cast(due_within_12_months as decimal(18, 2)) as due_within_12_months,
        cast(due_later as decimal(18, 2)) as due_later,
        obligation_hash
    from with_months

)

select * from final
