{{ config(materialized='view', contract={'enforced': true}) }}

with

tasks_valued as (

    select * from {{ ref('int_msp_service_tasks_valued') }}

),

service_tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

adjustments as (

    select * from {{ ref('int_msp_adjustments') }}

),

costs as (

    select * from {{ ref('rpt_msp_cost_monthly') }}

),

variances as (

    select * from {{ ref('rpt_msp_invoice_variance') }}

),

invoice_lines as (

    select * from {{ ref('int_msp_invoice_lines') }}

),

lines_received as (

    select * from {{ ref('int_msp_invoice_lines_received') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

counted as (

    select
        'calculated' as chain,
        1 as step_number,
        'Tasks completed by as_of, before overrides (int_msp_service_tasks_valued)' as step,
        tasks_valued.billing_month,
        1 as row_count,
        tasks_valued.activity_points,
        tasks_valued.amount_gbp
    from tasks_valued
    cross join settings
    where tasks_valued.is_completed = 1 and tasks_valued.completed_at <= settings.as_of

    union all

    select
        'calculated' as chain,
        2 as step_number,
        'What overrides of tasks change (fct_service_tasks)' as step,
        billing_month,
        0 as row_count,
        activity_points - activity_points_before as activity_points,
        amount_gbp - amount_gbp_before as amount_gbp
    from service_tasks
    where override_id is not null

    union all

    select
        'calculated' as chain,
        3 as step_number,
        'Adjustments of the month (int_msp_adjustments)' as step,
        billing_month,
        0 as row_count,
        0 as activity_points,
        amount_gbp
    from adjustments

    union all

    select
        'calculated' as chain,
        4 as step_number,
        'Cost of the month: the three steps before (rpt_msp_cost_monthly)' as step,
        billing_month,
        task_count as row_count,
        activity_points,
        amount_gbp
    from costs

    union all

    select
        'calculated' as chain,
        5 as step_number,
        'Calculated, the same again (rpt_msp_invoice_variance)' as step,
        billing_month,
        0 as row_count,
        calculated_points as activity_points,
        calculated_gbp as amount_gbp
    from variances

    union all

    select
        'invoiced' as chain,
        1 as step_number,
        'Invoice lines of the month (int_msp_invoice_lines)' as step,
        billing_month,
        1 as row_count,
        activity_points,
        amount_gbp
    from invoice_lines
    where billing_month is not null

    union all

    select
        'invoiced' as chain,
        2 as step_number,
        'Received after as_of, left out (int_msp_invoice_lines)' as step,
        invoice_lines.billing_month,
        -1 as row_count,
        -invoice_lines.activity_points as activity_points,
        -invoice_lines.amount_gbp as amount_gbp
    from invoice_lines
    cross join settings
    where invoice_lines.billing_month is not null and invoice_lines.received_on > settings.as_of_date

    union all

    select
        'invoiced' as chain,
        3 as step_number,
        'Invoice lines that count: the two steps before (int_msp_invoice_lines_received)' as step,
        billing_month,
        1 as row_count,
        activity_points,
        amount_gbp
    from lines_received

    union all

    select
        'invoiced' as chain,
        4 as step_number,
        'Invoiced, the same again (rpt_msp_invoice_variance)' as step,
        billing_month,
        invoice_line_count as row_count,
        invoiced_points as activity_points,
        invoiced_gbp as amount_gbp
    from variances

),

final as (

    select
        cast(chain as nvarchar(20)) as chain,
        cast(billing_month as date) as billing_month,
        cast(step_number as integer) as step_number,
        cast(step as nvarchar(100)) as step,
        cast(sum(row_count) as bigint) as row_count,
        cast(sum(activity_points) as decimal(28, 4)) as activity_points,
        cast(sum(amount_gbp) as decimal(18, 2)) as amount_gbp
    from counted
    group by chain, billing_month, step_number, step

)

select * from final
