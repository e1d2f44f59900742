{{
    config(
        materialized='incremental',
        unique_key='billing_month',
        incremental_strategy='delete+insert',
        post_hook="{{ delete_keys_gone_from(ref('int_msp_differing_months'), 'billing_month') }}"
    )
}}

with

variances as (

    select * from {{ ref('rpt_msp_invoice_variance') }}

),

months as (

    select * from {{ ref('int_msp_differing_months') }}

),

tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

adjustments as (

    select * from {{ ref('int_msp_adjustments') }}

),

invoice_lines as (

    select * from {{ ref('int_msp_invoice_lines_received') }}

),

changed_months as (

    {{ only_changed('months', 'billing_month', 'details_hash') }}

),

differing as (

    select
        variances.billing_month,
        variances.environment,
        variances.tier,
        upper(variances.environment) as environment_key,
        upper(variances.tier) as tier_key,
        variances.cause,
        changed_months.details_hash
    from variances
    inner join changed_months on variances.billing_month = changed_months.billing_month
    where variances.cause <> 'matched'

),

task_details as (

    select
        differing.billing_month,
        differing.environment,
        differing.tier,
        differing.cause,
        differing.details_hash,
        'task' as item_type,
        tasks.task_id as item_id,
        tasks.ticket_id as document,
        cast(tasks.completed_at as date) as item_on,
        tasks.category,
        tasks.override_id,
        cast(tasks.activity_points as decimal(18, 4)) as calculated_points,
        cast(tasks.amount_gbp as decimal(18, 2)) as calculated_gbp,
        cast(0 as decimal(18, 4)) as invoiced_points,
        cast(0 as decimal(18, 2)) as invoiced_gbp,
        0 as is_credit,
        0 as is_reissued
    from differing
    inner join tasks
        on
            differing.billing_month = tasks.billing_month
            and differing.environment_key = upper(tasks.environment)
            and differing.tier_key = upper(tasks.tier)

),

adjustment_details as (

    select
        differing.billing_month,
        differing.environment,
        differing.tier,
        differing.cause,
        differing.details_hash,
        'adjustment' as item_type,
        adjustments.override_id as item_id,
        cast(null as nvarchar(255)) as document,
        cast(null as date) as item_on,
        'Adjustment' as category,
        adjustments.override_id,
        0 as calculated_points,
        adjustments.amount_gbp as calculated_gbp,
        0 as invoiced_points,
        0 as invoiced_gbp,
        0 as is_credit,
        0 as is_reissued
    from differing
    inner join adjustments
        on
            differing.billing_month = adjustments.billing_month
            and differing.environment_key = upper(adjustments.environment)
            and differing.tier_key = upper(adjustments.tier)

),

invoice_details as (

    select
        differing.billing_month,
        differing.environment,
        differing.tier,
        differing.cause,
        differing.details_hash,
        'invoice line' as item_type,
        invoice_lines.invoice_line_id as item_id,
        invoice_lines.invoice_number as document,
        invoice_lines.received_on as item_on,
        cast(null as nvarchar(255)) as category,
        cast(null as nvarchar(50)) as override_id,
        0 as calculated_points,
        0 as calculated_gbp,
        invoice_lines.activity_points as invoiced_points,
        invoice_lines.amount_gbp as invoiced_gbp,
        invoice_lines.is_credit,
        invoice_lines.is_reissued
    from differing
    inner join invoice_lines
        on
            differing.billing_month = invoice_lines.billing_month
            and differing.environment_key = upper(invoice_lines.environment)
            and differing.tier_key = upper(invoice_lines.tier)

),

details as (

    select * from task_details
    union all
    select * from adjustment_details
    union all
    select * from invoice_details

)

select * from details
