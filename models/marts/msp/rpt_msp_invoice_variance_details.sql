{{ config(materialized='view') }}

with

details as (

    select * from {{ ref('int_msp_invoice_variance_details') }}

),

final as (

    select
        cast(billing_month as date) as billing_month,
        cast(environment as nvarchar(255)) as environment,
        cast(tier as nvarchar(255)) as tier,
        cast(cause as nvarchar(30)) as cause,
        cast(item_type as nvarchar(20)) as item_type,
        cast(item_id as nvarchar(255)) as item_id,
        cast(document as nvarchar(255)) as document,
        cast(item_on as date) as item_on,
        cast(category as nvarchar(255)) as category,
        cast(override_id as nvarchar(50)) as override_id,
        cast(calculated_points as decimal(18, 4)) as calculated_points,
        cast(calculated_gbp as decimal(18, 2)) as calculated_gbp,
        cast(invoiced_points as decimal(18, 4)) as invoiced_points,
        cast(invoiced_gbp as decimal(18, 2)) as invoiced_gbp,
        {{ as_flag('is_credit') }} as is_credit,
        {{ as_flag('is_reissued') }} as is_reissued
    from details

)

select * from final
