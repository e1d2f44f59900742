{%- set cell = 'partition by cells.revenue_category, cells.customer_segment order by cells.revenue_month' -%}
{%- set running = 'over (' ~ cell ~ ' rows between unbounded preceding and current row)' -%}

with

obligations as (

    select * from {{ ref('int_revenue_obligations') }}

),

variances as (

    select * from {{ ref('int_revenue_variances') }}

),

fx_rates as (

    select * from {{ ref('stg_reference__fx_rates') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

numbers as (

    select * from {{ ref('int_numbers') }}

),

rated as (

    select
        obligations.*,
        case
            when obligations.currency_code = settings.reporting_currency then cast(1 as decimal(18, 8))
            else cast(fx_rates.rate_to_reporting as decimal(18, 8))
        end as booking_rate
    from obligations
    cross join settings
    left join fx_rates
        on
            obligations.currency_code = fx_rates.currency_code
            and obligations.booked_month = fx_rates.rate_month

),

recognized as (

    select
        variances.revenue_month,
        variances.revenue_category,
        variances.customer_segment,
        variances.recognized_amount_reporting,
        {{ round_money('variances.recognized_amount * rated.booking_rate') }} as recognized_at_booking_rate,
        case when rated.booking_rate is null then 0 else 1 end as is_booked
    from variances
    left join rated on variances.deal_hash = rated.deal_hash
    where variances.recognized_amount <> 0

),

-- A cancellation takes back at the rate that was booked. Revenue on a deal that is not in the waterfall (not in the
-- schedule, or booked in a month without a rate) defers nothing and stands apart.
movements as (

    select
        booked_month as revenue_month,
        revenue_category,
        customer_segment,
        {{ round_money('contract_value * booking_rate') }} as new_bookings_amount,
        0 as cancelled_amount,
        0 as recognized_amount,
        0 as exchange_difference,
        0 as recognized_without_booking_amount,
        case when booking_rate is null then 1 else 0 end as unconverted_rows
    from rated

    union all

    select
        cancelled_month as revenue_month,
        revenue_category,
        customer_segment,
        0 as new_bookings_amount,
        {{ round_money('contract_value * booking_rate') }}
        - {{ round_money('booked_amount * booking_rate') }} as cancelled_amount,
        0 as recognized_amount,
        0 as exchange_difference,
        0 as recognized_without_booking_amount,
        0 as unconverted_rows
    from rated
    where cancelled_month is not null and booking_rate is not null

    union all

    select
        revenue_month,
        revenue_category,
        customer_segment,
        0 as new_bookings_amount,
        0 as cancelled_amount,
        case when is_booked = 1 then recognized_amount_reporting else 0 end as recognized_amount,
        case
            when is_booked = 1 and recognized_amount_reporting is not null
                then recognized_at_booking_rate - recognized_amount_reporting
            else 0
        end as exchange_difference,
        case when is_booked = 0 then recognized_amount_reporting else 0 end as recognized_without_booking_amount,
        case when recognized_amount_reporting is null then 1 else 0 end as unconverted_rows
    from recognized

),

monthly as (

    select
        revenue_month,
        revenue_category,
        customer_segment,
        coalesce(sum(new_bookings_amount), 0) as new_bookings_amount,
        sum(cancelled_amount) as cancelled_amount,
        coalesce(sum(recognized_amount), 0) as recognized_amount,
        sum(exchange_difference) as exchange_difference,
        coalesce(sum(recognized_without_booking_amount), 0) as recognized_without_booking_amount,
        sum(unconverted_rows) as unconverted_rows
    from movements
    group by revenue_month, revenue_category, customer_segment

),

first_months as (

    select
        monthly.revenue_category,
        monthly.customer_segment,
        min(monthly.revenue_month) as first_month,
        max(settings.as_of_month) as last_month
    from monthly
    cross join settings
    group by monthly.revenue_category, monthly.customer_segment

),

cells as (

    select
        {{ add_months('first_months.first_month', 'numbers.number') }} as revenue_month,
        first_months.revenue_category,
        first_months.customer_segment
    from first_months
    inner join numbers on numbers.number <= {{ months_between('first_months.first_month', 'first_months.last_month') }}

),

every_cell as (

    select
        cells.revenue_month,
        cells.revenue_category,
        cells.customer_segment,
        coalesce(monthly.new_bookings_amount, 0) as new_bookings_amount,
        coalesce(monthly.cancelled_amount, 0) as cancelled_amount,
        coalesce(monthly.new_bookings_amount - monthly.cancelled_amount, 0) as booked_amount,
        coalesce(monthly.recognized_amount, 0) as recognized_amount,
        coalesce(monthly.recognized_without_booking_amount, 0) as recognized_without_booking_amount,
        coalesce(monthly.unconverted_rows, 0) as unconverted_rows,
        sum(coalesce(monthly.new_bookings_amount - monthly.cancelled_amount, 0)) {{ running }} as booked_to_date,
        sum(coalesce(monthly.recognized_amount, 0)) {{ running }} as recognized_to_date,
        sum(coalesce(monthly.exchange_difference, 0)) {{ running }} as exchange_difference_to_date
    from cells
    left join monthly
        on
            cells.revenue_month = monthly.revenue_month
            and cells.revenue_category = monthly.revenue_category
            and cells.customer_segment = monthly.customer_segment

),

with_balances as (

    select
        *,
        lag(booked_to_date - recognized_to_date, 1, 0) over (
            partition by revenue_category, customer_segment
            order by revenue_month
        ) as opening_balance,
        booked_to_date - recognized_to_date as closing_balance
    from every_cell

),

final as (

    select
        cast(revenue_month as date) as revenue_month,
        cast(revenue_category as nvarchar(20)) as revenue_category,
        cast(customer_segment as nvarchar(255)) as customer_segment,
        cast(opening_balance as decimal(18, 2)) as opening_balance,
        cast(new_bookings_amount as decimal(18, 2)) as new_bookings_amount,
        cast(cancelled_amount as decimal(18, 2)) as cancelled_amount,
        cast(booked_amount as decimal(18, 2)) as booked_amount,
        cast(recognized_amount as decimal(18, 2)) as recognized_amount,
        cast(closing_balance - opening_balance as decimal(18, 2)) as deferred_amount,
        cast(closing_balance as decimal(18, 2)) as deferred_balance,
        cast(booked_to_date as decimal(18, 2)) as booked_to_date,
        cast(recognized_to_date as decimal(18, 2)) as recognized_to_date,
        cast(exchange_difference_to_date as decimal(18, 2)) as exchange_difference_to_date,
        cast(recognized_without_booking_amount as decimal(18, 2)) as recognized_without_booking_amount,
        cast(unconverted_rows as bigint) as unconverted_rows
    from with_balances

)

select * from final
