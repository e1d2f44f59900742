{%- set dimensions = ['revenue_category', 'customer_segment', 'sales_region', 'sales_rep', 'cause'] -%}

with

variances as (

    select * from {{ ref('fct_revenue_variance') }}

),

valued as (

    select
        revenue_month,
        revenue_category,
        customer_segment,
        sales_region,
        sales_rep,
        cause,
        booked_amount_reporting,
        recognized_amount_reporting,
        variance_amount_reporting,
        unexplained_amount_reporting,
        case
            when abs(booked_amount_reporting) > abs(recognized_amount_reporting) then abs(booked_amount_reporting)
            else abs(recognized_amount_reporting)
        end as row_value
    from variances

),

-- Counted once for all dimensions: what is rolled up below is small.
combinations as (

    select
        revenue_month,
        revenue_category,
        customer_segment,
        sales_region,
        sales_rep,
        cause,
        count(*) as deal_count,
        sum(case when cause = 'matched' then 1 else 0 end) as matched_deals,
        sum(case when variance_amount_reporting is null then 1 else 0 end) as unconverted_rows,
        coalesce(sum(booked_amount_reporting), 0) as booked_amount,
        coalesce(sum(recognized_amount_reporting), 0) as recognized_amount,
        coalesce(sum(variance_amount_reporting), 0) as variance_amount,
        coalesce(sum(abs(variance_amount_reporting)), 0) as absolute_variance_amount,
        coalesce(sum(unexplained_amount_reporting), 0) as unexplained_amount,
        coalesce(sum(row_value), 0) as total_value,
        coalesce(sum(case when cause = 'matched' then row_value else 0 end), 0) as matched_value
    from valued
    group by revenue_month, revenue_category, customer_segment, sales_region, sales_rep, cause

),

members as (

    select
        'all' as dimension,
        'all' as member,
        combinations.*
    from combinations
    {%- for dimension in dimensions %}

    union all

    select
        '{{ dimension }}' as dimension,
        combinations.{{ dimension }} as member,
        combinations.*
    from combinations
    {%- endfor %}

),

rolled_up as (

    select
        revenue_month,
        dimension,
        member,
        sum(deal_count) as deal_count,
        sum(matched_deals) as matched_deals,
        sum(booked_amount) as booked_amount,
        sum(recognized_amount) as recognized_amount,
        sum(variance_amount) as variance_amount,
        sum(absolute_variance_amount) as absolute_variance_amount,
        sum(unexplained_amount) as unexplained_amount,
        sum(total_value) as total_value,
        sum(matched_value) as matched_value,
        sum(unconverted_rows) as unconverted_rows
    from members
    group by revenue_month, dimension, member

),

final as (

    select
        cast(revenue_month as date) as revenue_month,
        cast(dimension as nvarchar(30)) as dimension,
        cast(member as nvarchar(255)) as member,
        cast(deal_count as bigint) as deal_count,
        cast(matched_deals as bigint) as matched_deals,
        {{ ratio('matched_deals', 'deal_count') }} as match_rate,
        cast(booked_amount as decimal(18, 2)) as booked_amount,
        cast(recognized_amount as decimal(18, 2)) as recognized_amount,
        cast(variance_amount as decimal(18, 2)) as variance_amount,
        cast(absolute_variance_amount as decimal(18, 2)) as absolute_variance_amount,
        cast(unexplained_amount as decimal(18, 2)) as unexplained_amount,
        cast(matched_value as decimal(18, 2)) as matched_value,
        cast(total_value as decimal(18, 2)) as total_value,
        {{ ratio('matched_value', 'total_value') }} as match_rate_by_value,
        cast(unconverted_rows as bigint) as unconverted_rows
    from rolled_up

)

select * from final
