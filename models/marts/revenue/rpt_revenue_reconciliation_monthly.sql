with

variances as (

    select * from {{ ref('fct_revenue_variance') }}

),

monthly as (

    select
        revenue_month,
        revenue_category,
        customer_segment,
        count(*) as deal_count,
        coalesce(sum(booked_amount_reporting), 0) as booked_amount,
        coalesce(sum(recognized_amount_reporting), 0) as recognized_amount,
        coalesce(sum(variance_amount_reporting), 0) as variance_amount,
        sum(case when cause = 'matched' then 1 else 0 end) as matched_deals,
        sum(case when variance_amount_reporting is null then 1 else 0 end) as unconverted_rows
    from variances
    group by revenue_month, revenue_category, customer_segment

),

final as (

    select
        cast(revenue_month as date) as revenue_month,
        cast(revenue_category as nvarchar(20)) as revenue_category,
        cast(customer_segment as nvarchar(255)) as customer_segment,
        cast(deal_count as bigint) as deal_count,
        cast(booked_amount as decimal(18, 2)) as booked_amount,
        cast(recognized_amount as decimal(18, 2)) as recognized_amount,
        cast(variance_amount as decimal(18, 2)) as variance_amount,
        cast(matched_deals as bigint) as matched_deals,
        {{ ratio('matched_deals', 'deal_count') }} as match_rate,
        cast(unconverted_rows as bigint) as unconverted_rows
    from monthly

)

select * from final
