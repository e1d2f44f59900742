{{ config(materialized='view', contract={'enforced': true}) }}

with

invoice_lines as (

    select * from {{ ref('int_msp_invoice_lines_received') }}

),

final as (

    select
        cast(invoice_line_id as nvarchar(255)) as invoice_line_id,
        cast(invoice_number as nvarchar(255)) as invoice_number,
        cast(billing_month as date) as billing_month,
        cast(environment as nvarchar(255)) as environment,
        cast(tier as nvarchar(255)) as tier,
        cast(activity_points as decimal(18, 4)) as activity_points,
        cast(amount_gbp as decimal(18, 2)) as amount_gbp,
        cast(received_on as date) as received_on,
        cast(source_row_count as integer) as source_row_count,
        cast(is_credit as integer) as is_credit,
        cast(is_reissued as integer) as is_reissued,
        cast(invoice_line_key as nvarchar(255)) as invoice_line_key
    from invoice_lines

)

select * from final
