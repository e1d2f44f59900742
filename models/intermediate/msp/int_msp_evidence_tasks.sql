{{ config(materialized='view', contract={'enforced': true}) }}

with

service_tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

joined as (

    select * from {{ ref('int_msp_service_tasks_joined') }}

),

final as (

    select
        cast(service_tasks.task_id as nvarchar(255)) as task_id,
        cast(service_tasks.ticket_id as nvarchar(255)) as ticket_id,
        cast(service_tasks.billing_month as date) as billing_month,
        cast(service_tasks.completed_at as {{ dbt.type_timestamp() }}) as completed_at,
        cast(joined.cost_centre as nvarchar(255)) as cost_centre,
        cast(joined.site_code as nvarchar(255)) as site_code,
        cast(joined.short_description as nvarchar(4000)) as short_description,
        cast(joined.task_description as nvarchar(4000)) as task_description,
        cast(joined.completion_method as nvarchar(255)) as completion_method,
        cast(service_tasks.quantity as integer) as quantity,
        cast(service_tasks.environment as nvarchar(255)) as environment,
        cast(service_tasks.environment_rule_id as nvarchar(50)) as environment_rule_id,
        cast(service_tasks.category as nvarchar(255)) as category,
        cast(service_tasks.category_rule_id as nvarchar(50)) as category_rule_id,
        cast(service_tasks.tier_before as nvarchar(255)) as tier_before,
        cast(service_tasks.activity_points_before as decimal(18, 4)) as activity_points_before,
        cast(service_tasks.rate_gbp_per_point as decimal(18, 4)) as rate_gbp_per_point,
        cast(service_tasks.amount_gbp_before as decimal(18, 2)) as amount_gbp_before,
        cast(service_tasks.override_id as nvarchar(50)) as override_id,
        cast(service_tasks.tier as nvarchar(255)) as tier,
        cast(service_tasks.activity_points as decimal(18, 4)) as activity_points,
        cast(service_tasks.amount_gbp as decimal(18, 2)) as amount_gbp,
        cast(service_tasks.technician_id as nvarchar(255)) as technician_id
    from service_tasks
    inner join joined on upper(service_tasks.task_id) = joined.task_key

)

select * from final
