-- A month and category of a deal is in fct_revenue_variance twice: its amounts are counted twice in every report. Build
-- int_revenue_variances with --full-refresh. Only deals that the last build judged are looked at, as it is there that a
-- row can have stayed beside the one that replaces it; one that stays on is an entry or a booked amount too many for
-- assert_every_amount_recognized_is_in_the_variances or assert_every_month_booked_up_to_as_of_is_in_the_variances.
with

judged_last as (

    select variances.deal_hash
    from {{ ref('int_revenue_variances') }} as variances
    where variances.month_build = (select max(latest.month_build) from {{ ref('int_revenue_variances') }} as latest)
    group by variances.deal_hash

),

repeated as (

    select
        variances.deal_hash,
        variances.revenue_month,
        variances.revenue_category,
        count(*) as row_count
    from {{ ref('int_revenue_variances') }} as variances
    inner join judged_last on variances.deal_hash = judged_last.deal_hash
    group by variances.deal_hash, variances.revenue_month, variances.revenue_category
    having count(*) > 1

)

select * from repeated
