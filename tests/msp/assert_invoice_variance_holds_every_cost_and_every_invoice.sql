-- A failure means that a cost or an invoice is missing from the comparison with the provider, so a wrong bill
-- could pass unseen. Lines without a billing month, and lines received after as_of, are rightly absent; look for
-- any other.
with

costs as (

    select * from {{ ref('rpt_msp_cost_monthly') }}

),

invoice_lines as (

    select * from {{ ref('int_msp_invoice_lines') }}

),

variances as (

    select * from {{ ref('rpt_msp_invoice_variance') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

parts as (

    select
        billing_month,
        amount_gbp as calculated_gbp,
        0 as invoiced_gbp
    from costs

    union all

    select
        invoice_lines.billing_month,
        0 as calculated_gbp,
        invoice_lines.amount_gbp as invoiced_gbp
    from invoice_lines
    cross join settings
    where
        invoice_lines.billing_month is not null
        and (invoice_lines.received_on is null or invoice_lines.received_on <= settings.as_of_date)

    union all

    select
        billing_month,
        -calculated_gbp as calculated_gbp,
        -invoiced_gbp as invoiced_gbp
    from variances

),

differing as (

    select
        billing_month,
        sum(calculated_gbp) as calculated_gbp,
        sum(invoiced_gbp) as invoiced_gbp
    from parts
    group by billing_month
    having sum(calculated_gbp) <> 0 or sum(invoiced_gbp) <> 0

)

select * from differing
