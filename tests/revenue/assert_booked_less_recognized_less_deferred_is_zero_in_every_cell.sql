-- A cell here does not add up: booked less recognized less deferred is not zero, the balance does not carry over from
-- the month before, or what the waterfall recognizes (with and without a booking) is not what the reconciliation of the
-- cell has. The deferred balance cannot be shown to an auditor until it is gone. Compare the cell with
-- int_revenue_obligations (bookings, cancellations) and with fct_revenue_variance (recognized).
with

waterfall as (

    select * from {{ ref('rpt_revenue_deferred_waterfall') }}

),

reconciliation as (

    select * from {{ ref('rpt_revenue_reconciliation_monthly') }}

),

carried_over as (

    select
        {{ add_months('revenue_month', 1) }} as revenue_month,
        revenue_category,
        customer_segment,
        deferred_balance
    from waterfall

),

differing as (

    select
        coalesce(waterfall.revenue_month, reconciliation.revenue_month) as revenue_month,
        coalesce(waterfall.revenue_category, reconciliation.revenue_category) as revenue_category,
        coalesce(waterfall.customer_segment, reconciliation.customer_segment) as customer_segment,
        waterfall.booked_amount - waterfall.recognized_amount - waterfall.deferred_amount as movement_difference,
        waterfall.booked_to_date - waterfall.recognized_to_date - waterfall.deferred_balance as balance_difference,
        waterfall.opening_balance - coalesce(carried_over.deferred_balance, 0) as carried_over_difference,
        reconciliation.recognized_amount
        - waterfall.recognized_amount
        - waterfall.recognized_without_booking_amount as reconciliation_difference
    from waterfall
    left join carried_over
        on
            waterfall.revenue_month = carried_over.revenue_month
            and waterfall.revenue_category = carried_over.revenue_category
            and waterfall.customer_segment = carried_over.customer_segment
    full outer join reconciliation
        on
            waterfall.revenue_month = reconciliation.revenue_month
            and waterfall.revenue_category = reconciliation.revenue_category
            and waterfall.customer_segment = reconciliation.customer_segment
    where
        waterfall.booked_amount - waterfall.recognized_amount <> waterfall.deferred_amount
        or waterfall.booked_to_date - waterfall.recognized_to_date <> waterfall.deferred_balance
        or waterfall.opening_balance <> coalesce(carried_over.deferred_balance, 0)
        or coalesce(reconciliation.recognized_amount, 0)
        <> coalesce(waterfall.recognized_amount + waterfall.recognized_without_booking_amount, 0)

)

select * from differing
