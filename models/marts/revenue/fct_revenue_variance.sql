{{ config(materialized='view') }}

with

variances as (

    select * from {{ ref('int_revenue_variances') }}

),

final as (

    select
        cast(deal_id as nvarchar(255)) as deal_id,
        cast(revenue_month as date) as revenue_month,
        cast(revenue_category as nvarchar(20)) as revenue_category,
        cast(booked_amount as decimal(18, 2)) as booked_amount,
        cast(recognized_amount as decimal(18, 2)) as recognized_amount,
        cast(variance_amount as decimal(18, 2)) as variance_amount,
        cast(variance_pct as decimal(28, 6)) as variance_pct,
        cast(cause as nvarchar(30)) as cause,
        cast(severity as nvarchar(20)) as severity,
        cast(explanation as nvarchar(400)) as explanation,
        cast(currency_code as nvarchar(255)) as currency_code,
        cast(customer_segment as nvarchar(255)) as customer_segment,
        cast(sales_region as nvarchar(255)) as sales_region,
        cast(sales_rep as nvarchar(255)) as sales_rep,
        cast(booked_amount_reporting as decimal(18, 2)) as booked_amount_reporting,
        cast(recognized_amount_reporting as decimal(18, 2)) as recognized_amount_reporting,
        cast(variance_amount_reporting as decimal(18, 2)) as variance_amount_reporting,
        cast(unexplained_amount as decimal(18, 2)) as unexplained_amount,
        cast(unexplained_amount_reporting as decimal(18, 2)) as unexplained_amount_reporting,
        cast(entry_count as integer) as entry_count,
        cast(reposted_entry_count as integer) as reposted_entry_count,
        cast(other_currency_entry_count as integer) as other_currency_entry_count,
        cast(missing_fx_rate_count as integer) as missing_fx_rate_count,
        {{ as_flag('is_missing_fx_rate') }} as is_missing_fx_rate,
        cast(deal_key as nvarchar(255)) as deal_key
    from variances

)

select * from final
