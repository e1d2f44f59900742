{{ config(materialized='view') }}

with

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

scheduled as (

    select
        deal_hash,
        deal_key,
        deal_id,
        revenue_category,
        contract_value,
        currency_code,
        booked_on,
        first_month,
        scheduled_months,
        cancelled_on,
        term_hash,
        build_number
    from deals
    where scheduled_months > 0

)

select * from scheduled
