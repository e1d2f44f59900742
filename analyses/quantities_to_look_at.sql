-- Tasks whose description speaks of another quantity than the one they are valued by: correct the quantity at the source,
-- or the points by an override. Nothing is ever valued by the suggestion.
with

tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

differing as (

    select
        task_id,
        ticket_id,
        billing_month,
        tier,
        quantity,
        suggested_quantity,
        activity_points,
        amount_gbp
    from tasks
    where suggested_quantity <> quantity and is_overridden = {{ as_flag('0') }}

)

select * from differing
