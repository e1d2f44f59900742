with

variances as (

    select * from {{ ref('rpt_msp_invoice_variance') }}

),

months as (

    select * from {{ ref('int_msp_months') }}

),

adjustments as (

    select * from {{ ref('int_msp_adjustments') }}

),

invoice_lines as (

    select * from {{ ref('int_msp_invoice_lines_received') }}

),

differing as (

    select
        billing_month,
        {{ row_hash(["'difference'", 'environment', 'tier', 'cause']) }} as part_hash
    from variances
    where cause <> 'matched'

),

parts as (

    select
        billing_month,
        part_hash
    from differing

    union all

    select
        billing_month,
        {{ row_hash(["'tasks'", 'month_hash']) }} as part_hash
    from months

    union all

    select
        billing_month,
        {{ row_hash(["'adjustment'", 'override_id', 'environment', 'tier', 'amount_gbp']) }} as part_hash
    from adjustments

    union all

    select
        billing_month,
        {{ row_hash([
            "'invoice line'", 'invoice_line_id', 'invoice_number', 'environment', 'tier', 'activity_points', 'amount_gbp',
            'received_on', 'is_credit', 'is_reissued'
        ]) }} as part_hash
    from invoice_lines

),

summed as (

    select
        parts.billing_month,
        count(*) as part_count,
        {{ sum_of_fingerprints('parts.part_hash') }} as parts_hash
    from parts
    where parts.billing_month in (select differing.billing_month from differing)
    group by parts.billing_month

),

hashed as (

    select
        billing_month,
        {{ row_hash(['part_count', 'parts_hash']) }} as details_hash
    from summed

)

select * from hashed
