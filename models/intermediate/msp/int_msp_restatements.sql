with

settings as (

    select * from {{ ref('int_run_settings') }}

),

period_closes as (

    select * from {{ ref('stg_reference__period_closes') }}

),

closed_figures as (

    select * from {{ ref('int_msp_closed_figures') }}

),

service_tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

tasks_valued as (

    select * from {{ ref('int_msp_service_tasks_valued') }}

),

adjustments as (

    select * from {{ ref('int_msp_adjustments') }}

),

invoice_lines as (

    select * from {{ ref('int_msp_invoice_lines_received') }}

),

closings as (

    select
        period_closes.period,
        period_closes.closed_on
    from period_closes
    cross join settings
    where period_closes.domain = 'msp' and period_closes.closed_on <= settings.as_of_date

),

as_closed as (

    select closed_figures.*
    from closings
    inner join closed_figures
        on closings.period = closed_figures.period and closings.closed_on = closed_figures.closed_on
    where closed_figures.kind <> 'period'

),

standing_now as (

    select
        closings.period,
        'task' as kind,
        upper(service_tasks.task_id) as subject_key,
        service_tasks.task_id as subject,
        service_tasks.environment,
        service_tasks.category,
        service_tasks.tier,
        service_tasks.override_id,
        tasks_valued.valued_quantity as quantity,
        service_tasks.activity_points_before,
        service_tasks.amount_gbp_before,
        service_tasks.activity_points,
        service_tasks.amount_gbp
    from closings
    inner join service_tasks on closings.period = service_tasks.billing_month
    inner join tasks_valued on upper(service_tasks.task_id) = tasks_valued.task_key

    union all

    select
        closings.period,
        'adjustment' as kind,
        upper(adjustments.override_id) as subject_key,
        adjustments.override_id as subject,
        adjustments.environment,
        'Adjustment' as category,
        adjustments.tier,
        adjustments.override_id,
        0 as quantity,
        0 as activity_points_before,
        0 as amount_gbp_before,
        0 as activity_points,
        adjustments.amount_gbp
    from closings
    inner join adjustments on closings.period = adjustments.billing_month

    union all

    select
        closings.period,
        'invoice line' as kind,
        invoice_lines.invoice_line_key as subject_key,
        invoice_lines.invoice_line_id as subject,
        invoice_lines.environment,
        cast(null as nvarchar(255)) as category,
        invoice_lines.tier,
        cast(null as nvarchar(50)) as override_id,
        0 as quantity,
        0 as activity_points_before,
        0 as amount_gbp_before,
        invoice_lines.activity_points,
        invoice_lines.amount_gbp
    from closings
    inner join invoice_lines on closings.period = invoice_lines.billing_month

),

compared as (

    select
        coalesce(standing_now.period, as_closed.period) as period,
        coalesce(standing_now.kind, as_closed.kind) as kind,
        coalesce(standing_now.subject, as_closed.subject) as subject,
        as_closed.environment as environment_as_closed,
        standing_now.environment as environment_now,
        as_closed.category as category_as_closed,
        standing_now.category as category_now,
        as_closed.tier as tier_as_closed,
        standing_now.tier as tier_now,
        coalesce(as_closed.activity_points, 0) as points_as_closed,
        coalesce(standing_now.activity_points, 0) as points_now,
        coalesce(as_closed.amount_gbp, 0) as amount_as_closed,
        coalesce(standing_now.amount_gbp, 0) as amount_now,
        case
            when coalesce(standing_now.kind, as_closed.kind) = 'adjustment' then 'override'
            when as_closed.subject_key is null then 'late row'
            when standing_now.subject_key is null then 'removed row'
            when coalesce(as_closed.override_id, '') <> coalesce(standing_now.override_id, '') then 'override'
            when
                as_closed.amount_gbp_before = standing_now.amount_gbp_before
                and as_closed.activity_points_before = standing_now.activity_points_before
                and standing_now.override_id is not null
                then 'override'
            when
                as_closed.quantity = standing_now.quantity
                and as_closed.tier = standing_now.tier
                and (
                    as_closed.amount_gbp_before <> standing_now.amount_gbp_before
                    or as_closed.activity_points_before <> standing_now.activity_points_before
                )
                then 'rate'
            else 'changed row'
        end as cause
    from as_closed
    full outer join standing_now
        on
            as_closed.period = standing_now.period
            and as_closed.kind = standing_now.kind
            and as_closed.subject_key = standing_now.subject_key

),

named as (

    select
        *,
        case when kind = 'invoice line' then 'invoiced_points' else 'activity_points' end as points_measure,
        case when kind = 'invoice line' then 'invoiced_gbp' else 'amount_gbp' end as amount_measure
    from compared

),

by_measure as (

    select
        period,
        points_measure as measure,
        subject,
        cast(points_as_closed as decimal(18, 4)) as value_as_closed,
        cast(points_now as decimal(18, 4)) as value_now,
        cause
    from named
    where points_as_closed <> points_now

    union all

    select
        period,
        amount_measure as measure,
        subject,
        amount_as_closed as value_as_closed,
        amount_now as value_now,
        cause
    from named
    where amount_as_closed <> amount_now

    union all

    -- What only moved to another environment, tier or category leaves its own worth alone, but not the figures of both.
    select
        period,
        concat(amount_measure, ' in ', environment_as_closed, ', ', tier_as_closed) as measure,
        subject,
        amount_as_closed as value_as_closed,
        0 as value_now,
        cause
    from named
    where environment_as_closed <> environment_now or tier_as_closed <> tier_now

    union all

    select
        period,
        concat(amount_measure, ' in ', environment_now, ', ', tier_now) as measure,
        subject,
        0 as value_as_closed,
        amount_now as value_now,
        cause
    from named
    where environment_as_closed <> environment_now or tier_as_closed <> tier_now

    union all

    select
        period,
        concat(amount_measure, ' in category ', category_as_closed) as measure,
        subject,
        amount_as_closed as value_as_closed,
        0 as value_now,
        cause
    from named
    where category_as_closed <> category_now

    union all

    select
        period,
        concat(amount_measure, ' in category ', category_now) as measure,
        subject,
        0 as value_as_closed,
        amount_now as value_now,
        cause
    from named
    where category_as_closed <> category_now

)

select * from by_measure
