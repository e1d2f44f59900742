{{ config(materialized='view') }}

with

obligations as (

    select * from {{ ref('int_revenue_obligations') }}

),

variances as (

    select * from {{ ref('int_revenue_variances') }}

),

recognized as (

    select
        deal_hash,
        sum(recognized_amount) as recognized_amount
    from variances
    group by deal_hash

),

final as (

    select
        cast(obligations.deal_id as nvarchar(255)) as deal_id,
        cast(obligations.revenue_category as nvarchar(20)) as revenue_category,
        cast(obligations.customer_segment as nvarchar(255)) as customer_segment,
        cast(obligations.currency_code as nvarchar(255)) as currency_code,
        cast(obligations.booked_month as date) as booked_month,
        cast(obligations.first_month as date) as first_month,
        cast(obligations.last_month as date) as last_month,
        cast(obligations.contract_value as decimal(18, 2)) as contract_value,
        cast(obligations.contract_value - obligations.booked_amount as decimal(18, 2)) as cancelled_amount,
        cast(obligations.booked_amount as decimal(18, 2)) as booked_amount,
        cast(coalesce(recognized.recognized_amount, 0) as decimal(18, 2)) as recognized_amount,
        cast(
            obligations.booked_amount - coalesce(recognized.recognized_amount, 0) as decimal(18, 2)
        ) as remaining_obligation,
        cast(
            obligations.scheduled_to_date - coalesce(recognized.recognized_amount, 0) as decimal(18, 2)
        ) as behind_schedule_amount,
        cast(obligations.due_within_12_months as decimal(18, 2)) as due_within_12_months,
        cast(obligations.due_later as decimal(18, 2)) as due_later,
        cast(obligations.deal_key as nvarchar(255)) as deal_key
    from obligations
    left join recognized on obligations.deal_hash = recognized.deal_hash

)

select * from final
