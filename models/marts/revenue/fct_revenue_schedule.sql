{{ config(materialized='view') }}

with

booked as (

    select * from {{ ref('int_revenue_booked_monthly') }}

),

final as (

    select
        cast(deal_id as nvarchar(255)) as deal_id,
        cast(revenue_month as date) as revenue_month,
        cast(revenue_category as nvarchar(20)) as revenue_category,
        cast(booked_amount as decimal(18, 2)) as booked_amount,
        cast(currency_code as nvarchar(255)) as currency_code,
        cast(deal_key as nvarchar(255)) as deal_key
    from booked

)

select * from final
