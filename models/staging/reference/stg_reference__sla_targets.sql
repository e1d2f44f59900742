with

source as (

    select * from {{ ref('sla_targets') }}

),

cleaned as (

    select
        {{ match_key('priority') }} as priority,
        {{ match_key('customer_tier') }} as customer_tier,
        lower({{ trimmed('metric') }}) as metric,
        target_minutes,
        {{ trimmed('calendar_id') }} as calendar_id,
        {{ match_key('calendar_id') }} as calendar_key,
        valid_from,
        valid_to
    from source

)

select * from cleaned
