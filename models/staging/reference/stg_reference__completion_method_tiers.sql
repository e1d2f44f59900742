with

seed as (

    select * from {{ ref('completion_method_tiers') }}

),

cleaned as (

    select
        {{ trimmed('completion_method') }} as completion_method,
        {{ match_key('completion_method') }} as completion_method_key,
        {{ tier_name('tier') }} as tier
    from seed
    where {{ trimmed('completion_method') }} is not null

),

ranked as (

    select
        *,
        row_number() over (
            partition by completion_method_key
            order by
                case when tier is null then 1 else 0 end,
                {{ sort_key('tier') }},
                {{ sort_key('completion_method') }}
        ) as method_rank
    from cleaned

),

first_of_each_method as (

    select
        completion_method,
        completion_method_key,
        tier
    from ranked
    where method_rank = 1

)

select * from first_of_each_method
