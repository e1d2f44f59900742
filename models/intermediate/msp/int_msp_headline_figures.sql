with

settings as (

    select * from {{ ref('int_run_settings') }}

),

monthly_cost as (

    select * from {{ ref('rpt_msp_cost_monthly') }}

),

invoice_variance as (

    select * from {{ ref('rpt_msp_invoice_variance') }}

),

month_to_date as (

    select
        coalesce(sum(monthly_cost.task_count), 0) as task_count,
        cast(coalesce(sum(monthly_cost.activity_points), 0) as decimal(18, 4)) as activity_points,
        cast(coalesce(sum(monthly_cost.amount_gbp), 0) as decimal(18, 2)) as amount_gbp
    from settings
    left join monthly_cost on settings.as_of_month = monthly_cost.billing_month

),

last_month as (

    select
        cast(coalesce(sum(invoice_variance.calculated_gbp), 0) as decimal(18, 2)) as calculated_gbp,
        cast(coalesce(sum(invoice_variance.invoiced_gbp), 0) as decimal(18, 2)) as invoiced_gbp,
        cast(coalesce(sum(invoice_variance.variance_gbp), 0) as decimal(18, 2)) as variance_gbp
    from settings
    left join invoice_variance on invoice_variance.billing_month = {{ add_months('settings.as_of_month', -1) }}

),

differences as (

    select count(invoice_variance.billing_month) as difference_count
    from settings
    left join invoice_variance
        on
            invoice_variance.billing_month < settings.as_of_month
            and invoice_variance.severity in ('warning', 'critical')

),

headline_figures as (

    select
        month_to_date.task_count as msp_tasks_month_to_date,
        month_to_date.activity_points as msp_activity_points_month_to_date,
        month_to_date.amount_gbp as msp_amount_gbp_month_to_date,
        last_month.calculated_gbp as msp_calculated_gbp_last_month,
        last_month.invoiced_gbp as msp_invoiced_gbp_last_month,
        last_month.variance_gbp as msp_variance_gbp_last_month,
        differences.difference_count as msp_invoice_differences
    from month_to_date
    cross join last_month
    cross join differences

)

select * from headline_figures
