with

totals as (

    select * from {{ ref('int_revenue_totals') }}

),

monthly as (

    select
        revenue_month,
        revenue_category,
        customer_segment,
        sum(deal_count) as deal_count,
        sum(booked_amount) as booked_amount,
        sum(recognized_amount) as recognized_amount,
        sum(variance_amount) as variance_amount,
        sum(is_matched * deal_count) as matched_deals,
        sum(unconverted_rows) as unconverted_rows
    from totals
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
