with

overrides as (

    select * from {{ ref('int_msp_overrides_judged') }}

),

tasks as (

    select * from {{ ref('int_msp_service_tasks_valued') }}

),

task_overrides as (

    select * from {{ ref('int_msp_task_overrides') }}

),

adjustments as (

    select * from {{ ref('int_msp_adjustments') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

seen_tasks as (

    select tasks.*
    from tasks
    cross join settings
    where
        tasks.is_completed = 1
        and tasks.completed_at <= settings.as_of
        and tasks.task_key in (select overrides.task_key from overrides)

),

winners as (

    select
        task_key,
        override_id as winner_id
    from overrides
    where override_status = 'applied' and override_type <> 'adjust_amount'

),

compared as (

    select
        overrides.*,
        seen_tasks.tier as task_tier_before,
        coalesce(task_overrides.tier, seen_tasks.tier) as task_tier_after,
        case when overrides.override_status = 'superseded' then winners.winner_id end as superseded_by,
        case
            when overrides.override_type = 'adjust_amount' then overrides.billing_month
            else seen_tasks.billing_month
        end as effect_month,
        case when overrides.override_type = 'adjust_amount' then 0 else seen_tasks.activity_points end
            as points_before,
        case
            when overrides.override_type = 'adjust_amount' then 0
            else coalesce(task_overrides.activity_points, seen_tasks.activity_points)
        end as points_after,
        case when overrides.override_type = 'adjust_amount' then 0 else seen_tasks.amount_gbp end
            as amount_gbp_before,
        case
            when overrides.override_type = 'adjust_amount' then coalesce(adjustments.amount_gbp, 0)
            else coalesce(task_overrides.amount_gbp, seen_tasks.amount_gbp)
        end as amount_gbp_after
    from overrides
    left join seen_tasks on overrides.task_key = seen_tasks.task_key
    left join task_overrides
        on
            seen_tasks.task_key = task_overrides.task_key
            and overrides.override_id = task_overrides.override_id
    left join adjustments on overrides.override_id = adjustments.override_id
    left join winners on overrides.task_key = winners.task_key

),

told as (

    select
        *,
        cast(coalesce(amount_gbp_after - amount_gbp_before, 0) as decimal(18, 2)) as effect_gbp,
        case
            when override_type = 'adjust_amount'
                then concat(
                    substring(cast(billing_month as nvarchar(10)), 1, 7), ', ', coalesce(environment, '?'), ', ',
                    coalesce(tier, 'All')
                )
            else concat('task ', coalesce(task_id, '?'))
        end as subject
    from compared

),

final as (

    select
        cast(override_id as nvarchar(50)) as override_id,
        cast(override_type as nvarchar(50)) as override_type,
        cast(override_status as nvarchar(20)) as override_status,
        cast(status_reason as nvarchar(100)) as status_reason,
        cast(task_id as nvarchar(255)) as task_id,
        cast(billing_month as date) as billing_month,
        cast(effect_month as date) as effect_month,
        cast(environment as nvarchar(255)) as environment,
        cast(tier as nvarchar(255)) as tier,
        cast(override_value as nvarchar(50)) as override_value,
        cast(points_before as decimal(18, 4)) as points_before,
        cast(points_after as decimal(18, 4)) as points_after,
        cast(amount_gbp_before as decimal(18, 2)) as amount_gbp_before,
        cast(amount_gbp_after as decimal(18, 2)) as amount_gbp_after,
        effect_gbp,
        cast(reason as nvarchar(1000)) as reason,
        cast(requested_by as nvarchar(255)) as requested_by,
        cast(approved_by as nvarchar(255)) as approved_by,
        cast(approved_on as date) as approved_on,
        cast(reference as nvarchar(255)) as reference,
        cast(task_tier_before as nvarchar(255)) as tier_before,
        cast(task_tier_after as nvarchar(255)) as tier_after,
        cast(superseded_by as nvarchar(50)) as superseded_by,
        cast(
            concat(
                subject, ': ', coalesce(override_type, 'no type'),
                case when override_value is null then '' else concat(' ', override_value) end,
                ', asked for by ', coalesce(requested_by, 'nobody'),
                case
                    when approved_by is null then ', approved by nobody'
                    when approved_on is null then concat(', approved by ', approved_by)
                    else concat(', approved by ', approved_by, ' on ', cast(approved_on as nvarchar(10)))
                end,
                case when reference is null then '' else concat(' (', reference, ')') end,
                ', because: ', coalesce(reason, 'no reason given'), '. ',
                override_status,
                case when status_reason is null then '' else concat(', ', status_reason) end,
                case when superseded_by is null then '' else concat(': ', superseded_by) end,
                '; effect on the bill ', cast(effect_gbp as nvarchar(30)), ' GBP',
                case
                    when amount_gbp_before is null then ''
                    else concat(
                        ' (from ', cast(cast(amount_gbp_before as decimal(18, 2)) as nvarchar(30)),
                        ' to ', cast(cast(amount_gbp_after as decimal(18, 2)) as nvarchar(30)), ')'
                    )
                end, '.'
            )
            as nvarchar(2000)
        ) as summary
    from told

)

select * from final
