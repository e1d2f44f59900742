{%- set dimensions = ['revenue_category', 'customer_segment', 'sales_region', 'sales_rep', 'cause'] -%}

with

totals as (

    select * from {{ ref('int_revenue_totals') }}

),

members as (

    select
        'all' as dimension,
        'all' as member,
        totals.*
    from totals
    {%- for dimension in dimensions %}

    union all

    select
        '{{ dimension }}' as dimension,
        totals.{{ dimension }} as member,
        totals.*
    from totals
    {%- endfor %}

),

rolled_up as (

    select
        revenue_month,
        dimension,
        member,
        sum(deal_count) as deal_count,
        sum(is_matched * deal_count) as matched_deals,
        sum(booked_amount) as booked_amount,
        sum(recognized_amount) as recognized_amount,
        sum(variance_amount) as variance_amount,
        sum(absolute_variance_amount) as absolute_variance_amount,
        sum(unexplained_amount) as unexplained_amount,
        sum(total_value) as total_value,
        sum(is_matched * total_value) as matched_value,
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
