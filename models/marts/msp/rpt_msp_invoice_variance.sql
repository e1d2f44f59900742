with

task_costs as (

    select * from {{ ref('int_msp_task_costs_monthly') }}

),

adjustments as (

    select * from {{ ref('int_msp_adjustments') }}

),

invoice_lines as (

    select * from {{ ref('int_msp_invoice_lines_received') }}

),

thresholds as (

    select * from {{ ref('stg_reference__variance_thresholds') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

sides as (

    select
        billing_month,
        environment,
        tier,
        1 as is_calculated,
        0 as is_invoiced,
        activity_points as calculated_points,
        amount_gbp as calculated_gbp,
        0 as gbp_without_overrides,
        0 as invoiced_points,
        0 as invoiced_gbp
    from task_costs

    union all

    select
        billing_month,
        environment,
        tier_before as tier,
        0 as is_calculated,
        0 as is_invoiced,
        0 as calculated_points,
        0 as calculated_gbp,
        amount_gbp_before as gbp_without_overrides,
        0 as invoiced_points,
        0 as invoiced_gbp
    from task_costs

    union all

    select
        billing_month,
        environment,
        tier,
        1 as is_calculated,
        0 as is_invoiced,
        0 as calculated_points,
        amount_gbp as calculated_gbp,
        0 as gbp_without_overrides,
        0 as invoiced_points,
        0 as invoiced_gbp
    from adjustments

    union all

    select
        billing_month,
        environment,
        tier,
        0 as is_calculated,
        1 as is_invoiced,
        0 as calculated_points,
        0 as calculated_gbp,
        0 as gbp_without_overrides,
        activity_points as invoiced_points,
        amount_gbp as invoiced_gbp
    from invoice_lines

),

billing_notes as (

    select
        billing_month,
        upper(environment) as environment_key,
        upper(tier) as tier_key,
        count(*) as invoice_line_count,
        cast(sum(case when is_credit = 1 then amount_gbp else 0 end) as decimal(18, 2)) as credit_gbp,
        sum(is_reissued) as reissued_line_count,
        cast(sum(case when is_reissued = 1 then amount_gbp else 0 end) as decimal(18, 2)) as reissued_gbp
    from invoice_lines
    group by billing_month, upper(environment), upper(tier)

),

summed as (

    select
        billing_month,
        min(environment) as environment,
        min(tier) as tier,
        max(is_calculated) as is_calculated,
        max(is_invoiced) as is_invoiced,
        cast(sum(calculated_points) as decimal(28, 4)) as calculated_points,
        cast(sum(calculated_gbp) as decimal(18, 2)) as calculated_gbp,
        cast(sum(gbp_without_overrides) as decimal(18, 2)) as gbp_without_overrides,
        cast(sum(invoiced_points) as decimal(28, 4)) as invoiced_points,
        cast(sum(invoiced_gbp) as decimal(18, 2)) as invoiced_gbp
    from sides
    group by billing_month, upper(environment), upper(tier)

),

compared as (

    select
        summed.*,
        cast(summed.invoiced_gbp - summed.calculated_gbp as decimal(18, 2)) as variance_gbp,
        case when summed.billing_month = settings.as_of_month then 1 else 0 end as is_in_progress,
        settings.variance_tolerance
    from summed
    cross join settings
    where summed.is_calculated = 1 or summed.is_invoiced = 1

),

explained as (

    select
        *,
        case
            when abs(variance_gbp) <= variance_tolerance * abs(calculated_gbp) then 'matched'
            when is_invoiced = 0 then 'not_invoiced'
            when is_calculated = 0 then 'not_calculated'
            when invoiced_gbp = gbp_without_overrides then 'override_not_billed'
            when invoiced_points = calculated_points then 'rate_difference'
            else 'volume_difference'
        end as cause
    from compared

),

reached as (

    select
        explained.billing_month,
        explained.environment,
        explained.tier,
        max(thresholds.severity_rank) as severity_rank
    from explained
    inner join thresholds
        on
            thresholds.domain = 'msp'
            and abs(explained.variance_gbp) >= thresholds.min_amount
            and (
                explained.calculated_gbp = 0
                or abs(explained.variance_gbp)
                >= thresholds.min_pct * cast(abs(explained.calculated_gbp) as decimal(28, 2))
            )
    where explained.cause <> 'matched'
    group by explained.billing_month, explained.environment, explained.tier

),

final as (

    select
        cast(explained.billing_month as date) as billing_month,
        cast(explained.environment as nvarchar(255)) as environment,
        cast(explained.tier as nvarchar(255)) as tier,
        explained.calculated_points,
        explained.invoiced_points,
        explained.calculated_gbp,
        explained.invoiced_gbp,
        explained.variance_gbp,
        {{ ratio('explained.variance_gbp', 'explained.calculated_gbp') }} as variance_pct,
        cast(explained.cause as nvarchar(30)) as cause,
        cast(
            case reached.severity_rank when 1 then 'info' when 2 then 'warning' when 3 then 'critical' end
            as nvarchar(20)
        ) as severity,
        explained.gbp_without_overrides,
        {{ as_flag('explained.is_in_progress') }} as is_in_progress,
        cast(coalesce(billing_notes.invoice_line_count, 0) as integer) as invoice_line_count,
        cast(coalesce(billing_notes.credit_gbp, 0) as decimal(18, 2)) as credit_gbp,
        cast(coalesce(billing_notes.reissued_line_count, 0) as integer) as reissued_line_count,
        cast(coalesce(billing_notes.reissued_gbp, 0) as decimal(18, 2)) as reissued_gbp
    from explained
    left join billing_notes
        on
            explained.billing_month = billing_notes.billing_month
            and upper(explained.environment) = billing_notes.environment_key
            and upper(explained.tier) = billing_notes.tier_key
    left join reached
        on
            explained.billing_month = reached.billing_month
            and explained.environment = reached.environment
            and explained.tier = reached.tier

)

select * from final
