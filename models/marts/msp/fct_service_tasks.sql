{{ config(materialized='view') }}

with

tasks as (

    select * from {{ ref('int_msp_service_tasks_valued') }}

),

overrides as (

    select * from {{ ref('int_msp_task_overrides') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

seen as (

    select tasks.*
    from tasks
    cross join settings
    where
        tasks.is_completed = 1
        and tasks.completed_at <= settings.as_of

),

overridden as (

    select
        seen.*,
        overrides.override_id,
        overrides.tier as tier_after,
        overrides.activity_points as activity_points_after,
        overrides.rate_gbp_per_point as rate_after,
        overrides.amount_gbp as amount_after,
        case when overrides.task_key is null then 0 else 1 end as is_overridden
    from seen
    left join overrides on seen.task_key = overrides.task_key

),

final as (

    select
        cast(task_id as nvarchar(255)) as task_id,
        cast(ticket_id as nvarchar(255)) as ticket_id,
        cast(technician_id as nvarchar(255)) as technician_id,
        cast(billing_month as date) as billing_month,
        cast(completed_at as {{ dbt.type_timestamp() }}) as completed_at,
        cast(environment as nvarchar(255)) as environment,
        cast(category as nvarchar(255)) as category,
        cast(case when is_overridden = 1 then tier_after else tier end as nvarchar(255)) as tier,
        cast(quantity as integer) as quantity,
        cast(case when is_overridden = 1 then activity_points_after else activity_points end as decimal(18, 4))
            as activity_points,
        cast(case when is_overridden = 1 then rate_after else rate_gbp_per_point end as decimal(18, 4))
            as rate_gbp_per_point,
        cast(case when is_overridden = 1 then amount_after else amount_gbp end as decimal(18, 2)) as amount_gbp,
        cast(override_id as nvarchar(50)) as override_id,
        {{ as_flag('is_overridden') }} as is_overridden,
        cast(tier as nvarchar(255)) as tier_before,
        cast(activity_points as decimal(18, 4)) as activity_points_before,
        cast(amount_gbp as decimal(18, 2)) as amount_gbp_before,
        cast(environment_rule_id as nvarchar(50)) as environment_rule_id,
        cast(category_rule_id as nvarchar(50)) as category_rule_id,
        cast(suggested_quantity as integer) as suggested_quantity
    from overridden

)

select * from final
