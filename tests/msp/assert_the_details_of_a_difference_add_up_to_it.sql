-- A failure means that drilling down from a difference shows other tasks or invoice lines than made it: whoever checks
-- the invoice would look at the wrong ones. Compare the month, environment and tier below in
-- rpt_msp_invoice_variance and rpt_msp_invoice_variance_details.
with

variances as (

    select * from {{ ref('rpt_msp_invoice_variance') }}

),

details as (

    select * from {{ ref('rpt_msp_invoice_variance_details') }}

),

parts as (

    select
        billing_month,
        environment,
        tier,
        calculated_points,
        calculated_gbp,
        invoiced_points,
        invoiced_gbp
    from details

    union all

    select
        billing_month,
        environment,
        tier,
        -calculated_points as calculated_points,
        -calculated_gbp as calculated_gbp,
        -invoiced_points as invoiced_points,
        -invoiced_gbp as invoiced_gbp
    from variances
    where cause <> 'matched'

),

differing as (

    select
        billing_month,
        environment,
        tier
    from parts
    group by billing_month, environment, tier
    having
        sum(calculated_points) <> 0
        or sum(calculated_gbp) <> 0
        or sum(invoiced_points) <> 0
        or sum(invoiced_gbp) <> 0

)

select * from differing
