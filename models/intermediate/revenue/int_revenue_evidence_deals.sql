{{ config(materialized='view', contract={'enforced': true}) }}

with

variances as (

    select * from {{ ref('fct_revenue_variance') }}

),

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

months_of_deals as (

    select distinct
        deal_key,
        revenue_month
    from variances

),

final as (

    select
        cast(deals.deal_id as nvarchar(255)) as deal_id,
        cast(months_of_deals.revenue_month as date) as revenue_month,
        cast(deals.deal_status as nvarchar(255)) as deal_status,
        cast(deals.is_won as integer) as is_won,
        cast(deals.revenue_type as nvarchar(255)) as revenue_type,
        cast(deals.revenue_category as nvarchar(20)) as revenue_category,
        cast(deals.contract_value as decimal(18, 2)) as contract_value,
        cast(deals.currency_code as nvarchar(255)) as currency_code,
        cast(deals.duration_months as integer) as duration_months,
        cast(deals.booked_on as date) as booked_on,
        cast(deals.start_date as date) as start_date,
        cast(deals.end_date as date) as end_date,
        cast(deals.cancelled_on as date) as cancelled_on,
        cast(deals.first_month as date) as first_month,
        cast(deals.scheduled_months as integer) as scheduled_months,
        cast(deals.customer_id as nvarchar(255)) as customer_id,
        cast(deals.customer_name as nvarchar(255)) as customer_name,
        cast(deals.customer_segment as nvarchar(255)) as customer_segment,
        cast(deals.sales_region as nvarchar(255)) as sales_region,
        cast(deals.sales_rep as nvarchar(255)) as sales_rep,
        cast(deals.deal_key as nvarchar(255)) as deal_key
    from months_of_deals
    inner join deals on months_of_deals.deal_key = deals.deal_key

)

select * from final
