{{ config(materialized='view') }}

with

variances as (

    select * from {{ ref('fct_revenue_variance') }}

),

discrepancies as (

    select * from {{ ref('rpt_revenue_discrepancies') }}

),

final as (

    select
        cast(variances.deal_id as nvarchar(255)) as deal_id,
        cast(variances.revenue_month as date) as revenue_month,
        cast(variances.revenue_category as nvarchar(20)) as revenue_category,
        cast(variances.cause as nvarchar(30)) as cause,
        cast(variances.severity as nvarchar(20)) as severity,
        cast(variances.explanation as nvarchar(400)) as explanation,
        cast(variances.currency_code as nvarchar(255)) as currency_code,
        cast(variances.booked_amount as decimal(18, 2)) as booked_amount,
        cast(variances.recognized_amount as decimal(18, 2)) as recognized_amount,
        cast(variances.variance_amount as decimal(18, 2)) as variance_amount,
        cast(variances.variance_amount_reporting as decimal(18, 2)) as variance_amount_reporting,
        cast(variances.unexplained_amount_reporting as decimal(18, 2)) as unexplained_amount_reporting,
        cast(variances.customer_segment as nvarchar(255)) as customer_segment,
        cast(variances.sales_region as nvarchar(255)) as sales_region,
        cast(variances.sales_rep as nvarchar(255)) as sales_rep,
        cast(discrepancies.first_seen_at as {{ dbt.type_timestamp() }}) as first_seen_at,
        cast(discrepancies.age_days as integer) as age_days,
        cast(discrepancies.age_bucket as nvarchar(20)) as age_bucket,
        cast(variances.deal_key as nvarchar(255)) as deal_key
    from variances
    left join discrepancies
        on
            variances.deal_key = discrepancies.deal_key
            and variances.revenue_month = discrepancies.revenue_month
            and variances.revenue_category = discrepancies.revenue_category
    where variances.cause <> 'matched'

)

select * from final
