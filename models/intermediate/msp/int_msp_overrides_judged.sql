with

overrides as (

    select * from {{ ref('stg_reference__activity_point_overrides') }}

),

tasks as (

    select * from {{ ref('int_msp_service_tasks_valued') }}

),

tier_rates as (

    select * from {{ ref('stg_reference__tier_rates') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

known_tiers as (

    select distinct tier_key
    from tier_rates

),

named_tasks as (

    select task_key
    from tasks
    where task_key in (select overrides.task_key from overrides)

),

checked as (

    select
        overrides.*,
        case when named_tasks.task_key is not null then 1 else 0 end as is_task_known,
        case when upper(overrides.approved_by) = upper(overrides.requested_by) then 1 else 0 end as is_self_approved,
        case
            when
                overrides.approved_by is not null
                and overrides.approved_on is not null
                and overrides.approved_on <= settings.as_of_date
                then 1
            else 0
        end as is_approved,
        case
            when overrides.override_type = 'set_tier' and known_tiers.tier_key is null
                then 'the value is no tier of tier_rates'
            when
                overrides.override_type in ('set_points', 'set_amount', 'adjust_amount')
                and overrides.number_value is null
                then 'the value is not a number'
            when overrides.override_type = 'adjust_amount' and overrides.billing_month is null
                then 'no billing month is named'
            when overrides.override_type = 'adjust_amount' and overrides.environment is null
                then 'no environment is named'
            when
                overrides.override_type is null
                or overrides.override_type not in ('set_tier', 'set_points', 'set_amount', 'exclude', 'adjust_amount')
                then 'the type is unknown'
        end as defect
    from overrides
    cross join settings
    left join known_tiers on upper(overrides.tier_value) = known_tiers.tier_key
    left join named_tasks on overrides.task_key = named_tasks.task_key

),

staged as (

    select
        *,
        case
            when is_self_approved = 1 then 'rejected'
            when is_approved = 0 then 'pending'
            when is_task_known = 0 and (override_type <> 'adjust_amount' or override_type is null) then 'orphaned'
            when defect is not null then 'rejected'
            else 'applicable'
        end as verdict
    from checked

),

ranked as (

    select
        staged.*,
        row_number() over (
            partition by
                staged.verdict,
                case when staged.override_type = 'adjust_amount' then 1 else 0 end,
                staged.task_key
            order by {{ latest_approval_first('staged') }}
        ) as applicable_rank
    from staged

),

judged as (

    select
        override_id,
        override_type,
        cast(
            case
                when verdict <> 'applicable' then verdict
                when override_type = 'adjust_amount' or applicable_rank = 1 then 'applied'
                else 'superseded'
            end
            as nvarchar(20)
        ) as override_status,
        cast(
            case
                when is_self_approved = 1 then 'approved by its requester'
                when approved_by is null or approved_on is null then 'not approved'
                when is_approved = 0 then 'approved after the moment of this report'
                when verdict = 'orphaned' then 'names no existing task'
                when verdict = 'rejected' then defect
                when override_type <> 'adjust_amount' and applicable_rank > 1
                    then 'a later approval for the task applies'
            end
            as nvarchar(100)
        ) as status_reason,
        task_id,
        task_key,
        billing_month,
        environment,
        tier,
        override_value,
        tier_value,
        number_value,
        reason,
        requested_by,
        approved_by,
        approved_on,
        reference
    from ranked

)

select * from judged
