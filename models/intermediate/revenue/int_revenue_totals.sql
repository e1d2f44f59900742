with

variances as (

    select * from {{ ref('int_revenue_variances') }}

),

valued as (

    select
        revenue_month,
        revenue_category,
        customer_segment,
        sales_region,
        sales_rep,
        cause,
        booked_amount,
        recognized_amount,
        entry_count - reposted_entry_count as counted_entries,
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

added_up as (

    select
        revenue_month,
        revenue_category,
        customer_segment,
        sales_region,
        sales_rep,
        cause,
        count(*) as deal_count,
        sum(case when variance_amount_reporting is null then 1 else 0 end) as unconverted_rows,
        sum(case when booked_amount <> 0 then 1 else 0 end) as booked_months,
        sum(counted_entries) as counted_entries,
        sum(booked_amount) as booked_amount_unconverted,
        sum(recognized_amount) as recognized_amount_unconverted,
        coalesce(sum(booked_amount_reporting), 0) as booked_amount,
        coalesce(sum(recognized_amount_reporting), 0) as recognized_amount,
        coalesce(sum(variance_amount_reporting), 0) as variance_amount,
        coalesce(sum(abs(variance_amount_reporting)), 0) as absolute_variance_amount,
        coalesce(sum(unexplained_amount_reporting), 0) as unexplained_amount,
        coalesce(sum(row_value), 0) as total_value
    from valued
    group by revenue_month, revenue_category, customer_segment, sales_region, sales_rep, cause

),

final as (

    select
        revenue_month,
        revenue_category,
        customer_segment,
        sales_region,
        sales_rep,
        cause,
        case when cause = 'matched' then 1 else 0 end as is_matched,
        cast(deal_count as bigint) as deal_count,
        cast(unconverted_rows as bigint) as unconverted_rows,
        cast(booked_months as bigint) as booked_months,
        cast(counted_entries as bigint) as counted_entries,
        cast(booked_amount_unconverted as decimal(18, 2)) as booked_amount_unconverted,
        cast(recognized_amount_unconverted as decimal(18, 2)) as recognized_amount_unconverted,
        cast(booked_amount as decimal(18, 2)) as booked_amount,
        cast(recognized_amount as decimal(18, 2)) as recognized_amount,
        cast(variance_amount as decimal(18, 2)) as variance_amount,
        cast(absolute_variance_amount as decimal(18, 2)) as absolute_variance_amount,
        cast(unexplained_amount as decimal(18, 2)) as unexplained_amount,
        cast(total_value as decimal(18, 2)) as total_value
    from added_up

)

select * from final
