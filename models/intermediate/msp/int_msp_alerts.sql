with

variances as (

    select * from {{ ref('rpt_msp_invoice_variance') }}

),

thresholds as (

    select * from {{ ref('stg_reference__variance_thresholds') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

ended_months as (

    select
        variances.*,
        thresholds.min_amount,
        concat(variances.environment, ' / ', variances.tier) as subject
    from variances
    cross join settings
    left join thresholds
        on
            thresholds.domain = 'msp'
            and thresholds.severity = variances.severity
    where variances.billing_month < settings.as_of_month

),

invoice_variances as (

    select
        'invoice_variance' as rule_name,
        severity,
        subject,
        billing_month,
        'variance_gbp' as measure,
        min_amount as threshold,
        variance_gbp as observed,
        concat(
            subject, ' ', substring(cast(billing_month as nvarchar(10)), 1, 7), ': the provider invoiced ',
            cast(invoiced_gbp as nvarchar(30)), ' GBP where ', cast(calculated_gbp as nvarchar(30)),
            ' GBP was calculated, a difference of ', cast(variance_gbp as nvarchar(30)), ' GBP (',
            replace(cause, '_', ' '), ').'
        ) as alert_message
    from ended_months
    where severity is not null and cause <> 'not_invoiced'

),

missing_invoices as (

    select
        'missing_invoice' as rule_name,
        coalesce(severity, 'info') as severity,
        subject,
        billing_month,
        'calculated_gbp' as measure,
        min_amount as threshold,
        calculated_gbp as observed,
        concat(
            subject, ' ', substring(cast(billing_month as nvarchar(10)), 1, 7),
            ': no invoice has been received for the ', cast(calculated_gbp as nvarchar(30)), ' GBP that was calculated.'
        ) as alert_message
    from ended_months
    where cause = 'not_invoiced'

),

unioned as (

    select * from invoice_variances
    union all
    select * from missing_invoices

),

alerts as (

    select
        cast(
            lower(concat('msp:', rule_name, ':', subject, ':', cast(billing_month as nvarchar(10)))) as nvarchar(500)
        ) as alert_key,
        cast('msp' as nvarchar(20)) as domain,
        cast(rule_name as nvarchar(50)) as rule_name,
        cast(severity as nvarchar(20)) as severity,
        cast(subject as nvarchar(255)) as subject,
        cast(billing_month as date) as period,
        cast(measure as nvarchar(50)) as measure,
        cast(threshold as decimal(18, 4)) as threshold,
        cast(observed as decimal(18, 4)) as observed,
        cast(alert_message as nvarchar(1000)) as message
    from unioned

)

select * from alerts
