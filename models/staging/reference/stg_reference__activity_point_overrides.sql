with

seed as (

    select * from {{ ref('activity_point_overrides') }}

),

cleaned as (

    select
        {{ trimmed('override_id') }} as override_id,
        {{ trimmed('task_id') }} as task_id,
        {{ match_key('task_id') }} as task_key,
        {{ month_start('billing_month') }} as billing_month,
        {{ environment_name('environment') }} as environment,
        {{ tier_name('tier') }} as tier,
        lower({{ trimmed('override_type') }}) as override_type,
        {{ trimmed('override_value') }} as override_value,
        {{ trimmed('reason') }} as reason,
        {{ trimmed('requested_by') }} as requested_by,
        {{ trimmed('approved_by') }} as approved_by,
        approved_on,
        {{ trimmed('reference') }} as reference
    from seed

),

with_values as (

    select
        *,
        {{ tier_name('override_value') }} as tier_value,
        {{ plain_number('override_value') }} as number_value
    from cleaned

)

select * from with_values
