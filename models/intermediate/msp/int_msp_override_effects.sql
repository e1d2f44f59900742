with

overrides as (

    select * from {{ ref('int_msp_overrides_judged') }}

),

tasks as (

    select * from {{ ref('int_msp_service_tasks_valued') }}

),

tier_rates as (

    select * from {{ ref('stg_reference__tier_rates') }}

),

approved as (

    select *
    from overrides
    where override_status in ('applied', 'superseded') and override_type <> 'adjust_amount'

),

overridden as (

    select
        tasks.task_key,
        approved.override_id,
        approved.override_status,
        approved.approved_on,
        approved.override_type,
        approved.number_value,
        tasks.completed_on,
        tasks.billing_month,
        tasks.valued_quantity,
        tasks.activity_points,
        tasks.rate_gbp_per_point,
        tasks.amount_gbp,
        case when approved.override_type = 'set_tier' then approved.tier_value else tasks.tier end as tier
    from approved
    inner join tasks on approved.task_key = tasks.task_key
    where tasks.is_completed = 1

),

rated as (

    select
        overridden.task_key,
        overridden.billing_month,
        overridden.override_id,
        overridden.override_status,
        overridden.approved_on,
        overridden.override_type,
        overridden.tier,
        cast(
            case
                when overridden.override_type = 'set_tier' then coalesce(tier_rates.rate_gbp_per_point, 0)
                else overridden.rate_gbp_per_point
            end
            as decimal(18, 4)
        ) as rate_gbp_per_point,
        cast(
            case overridden.override_type
                when 'set_tier' then coalesce(tier_rates.points_per_task, 0) * overridden.valued_quantity
                when 'set_points' then round(overridden.number_value, 4)
                when 'exclude' then 0
                else overridden.activity_points
            end
            as decimal(19, 4)
        ) as activity_points,
        case when overridden.override_type = 'set_amount' then overridden.number_value end as amount_set
    from overridden
    left join tier_rates
        on
            upper(overridden.tier) = tier_rates.tier_key
            and overridden.completed_on >= tier_rates.valid_from
            and (tier_rates.valid_to is null or overridden.completed_on < tier_rates.valid_to)

),

revalued as (

    select
        task_key,
        billing_month,
        override_id,
        override_status,
        approved_on,
        override_type,
        tier,
        rate_gbp_per_point,
        cast(activity_points as decimal(18, 4)) as activity_points,
        case
            when override_type = 'set_amount' then {{ round_money('amount_set') }}
            else {{ round_money('activity_points * rate_gbp_per_point') }}
        end as amount_gbp
    from rated

)

select * from revalued
