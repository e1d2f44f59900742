{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        pre_hook="{{ forget_closing('msp') }}"
    )
}}

with

settings as (

    select * from {{ ref('int_run_settings') }}

),

period_closes as (

    select * from {{ ref('stg_reference__period_closes') }}

),

tasks as (

    select * from {{ ref('int_msp_service_tasks_valued') }}

),

override_effects as (

    select * from {{ ref('int_msp_override_effects') }}

),

overrides as (

    select * from {{ ref('int_msp_overrides_judged') }}

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
    {%- if is_incremental() %}
    left join {{ this }} as kept
        on
            period_closes.period = kept.period
            and period_closes.closed_on = kept.closed_on
            and kept.kind = 'period'
    {%- endif %}
    where
        period_closes.domain = 'msp'
        and period_closes.closed_on <= settings.as_of_date
        {%- if is_incremental() %}
        and kept.period is null
        {%- endif %}

),

tasks_at_closing as (

    select
        closings.period,
        closings.closed_on,
        tasks.task_key,
        tasks.task_id,
        tasks.environment,
        tasks.category,
        tasks.tier,
        tasks.valued_quantity,
        tasks.activity_points,
        tasks.amount_gbp
    from closings
    inner join tasks on closings.period = tasks.billing_month
    cross join settings
    where
        tasks.is_completed = 1
        and tasks.completed_on <= closings.closed_on
        and tasks.completed_at <= settings.as_of

),

-- An override approved after the closing was no part of the figures as they stood, even when the first run that sees
-- the closing comes later still.
effects_at_closing as (

    select
        tasks_at_closing.period,
        tasks_at_closing.task_key,
        override_effects.override_id,
        override_effects.tier,
        override_effects.activity_points,
        override_effects.amount_gbp,
        row_number() over (
            partition by tasks_at_closing.period, tasks_at_closing.task_key
            order by {{ latest_approval_first('override_effects') }}
        ) as precedence
    from tasks_at_closing
    inner join override_effects
        on
            tasks_at_closing.task_key = override_effects.task_key
            and tasks_at_closing.closed_on >= override_effects.approved_on

),

figures as (

    select
        period,
        closed_on,
        'period' as kind,
        '(period)' as subject_key,
        '(period)' as subject,
        cast(null as nvarchar(255)) as environment,
        cast(null as nvarchar(255)) as category,
        cast(null as nvarchar(255)) as tier,
        cast(null as nvarchar(50)) as override_id,
        0 as quantity,
        0 as activity_points_before,
        0 as amount_gbp_before,
        0 as activity_points,
        0 as amount_gbp
    from closings

    union all

    select
        tasks_at_closing.period,
        tasks_at_closing.closed_on,
        'task' as kind,
        tasks_at_closing.task_key as subject_key,
        tasks_at_closing.task_id as subject,
        tasks_at_closing.environment,
        tasks_at_closing.category,
        coalesce(effects_at_closing.tier, tasks_at_closing.tier) as tier,
        effects_at_closing.override_id,
        tasks_at_closing.valued_quantity as quantity,
        tasks_at_closing.activity_points as activity_points_before,
        tasks_at_closing.amount_gbp as amount_gbp_before,
        coalesce(effects_at_closing.activity_points, tasks_at_closing.activity_points) as activity_points,
        coalesce(effects_at_closing.amount_gbp, tasks_at_closing.amount_gbp) as amount_gbp
    from tasks_at_closing
    left join effects_at_closing
        on
            tasks_at_closing.period = effects_at_closing.period
            and tasks_at_closing.task_key = effects_at_closing.task_key
            and effects_at_closing.precedence = 1

    union all

    select
        closings.period,
        closings.closed_on,
        'adjustment' as kind,
        upper(overrides.override_id) as subject_key,
        overrides.override_id as subject,
        overrides.environment,
        'Adjustment' as category,
        coalesce(overrides.tier, 'All') as tier,
        overrides.override_id,
        0 as quantity,
        0 as activity_points_before,
        0 as amount_gbp_before,
        0 as activity_points,
        {{ round_money('overrides.number_value') }} as amount_gbp
    from closings
    inner join overrides
        on closings.period = overrides.billing_month and closings.closed_on >= overrides.approved_on
    where overrides.override_status = 'applied' and overrides.override_type = 'adjust_amount'

    union all

    select
        closings.period,
        closings.closed_on,
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
    inner join invoice_lines
        on
            closings.period = invoice_lines.billing_month
            and (invoice_lines.received_on is null or closings.closed_on >= invoice_lines.received_on)

),

final as (

    select
        cast(period as date) as period,
        cast(closed_on as date) as closed_on,
        cast(kind as nvarchar(20)) as kind,
        cast(subject_key as nvarchar(255)) as subject_key,
        cast(subject as nvarchar(255)) as subject,
        cast(environment as nvarchar(255)) as environment,
        cast(tier as nvarchar(255)) as tier,
        cast(override_id as nvarchar(50)) as override_id,
        cast(quantity as bigint) as quantity,
        cast(activity_points_before as decimal(18, 4)) as activity_points_before,
        cast(amount_gbp_before as decimal(18, 2)) as amount_gbp_before,
        cast(activity_points as decimal(18, 4)) as activity_points,
        cast(amount_gbp as decimal(18, 2)) as amount_gbp,
        cast(category as nvarchar(255)) as category
    from figures

)

select * from final
