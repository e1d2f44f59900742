with

seed as (

    select * from {{ ref('tier_rates') }}

),

cleaned as (

    select
        {{ tier_name('tier') }} as tier,
        {{ match_key('tier') }} as tier_key,
        points_per_task,
        rate_gbp_per_point,
        valid_from,
        valid_to
    from seed
    where {{ trimmed('tier') }} is not null

),

in_order as (

    select
        *,
        lead(valid_from) over (
            partition by tier_key
            order by valid_from, case when valid_to is null then 1 else 0 end, valid_to, rate_gbp_per_point
        ) as next_valid_from
    from cleaned

),

ended as (

    select
        tier,
        tier_key,
        points_per_task,
        rate_gbp_per_point,
        valid_from,
        case
            when next_valid_from is null then valid_to
            when valid_to is null or next_valid_from < valid_to then next_valid_from
            else valid_to
        end as valid_to
    from in_order

)

select * from ended
