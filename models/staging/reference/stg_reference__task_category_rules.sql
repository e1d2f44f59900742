with

seed as (

    select * from {{ ref('task_category_rules') }}

),

cleaned as (

    select
        {{ trimmed('rule_id') }} as rule_id,
        precedence,
        {{ trimmed('pattern') }} as pattern,
        {{ trimmed('category') }} as category
    from seed
    where {{ trimmed('pattern') }} is not null

),

in_order as (

    select
        *,
        row_number() over (
            order by case when precedence is null then 1 else 0 end, precedence, {{ sort_key('rule_id') }}
        ) as rule_position
    from cleaned

)

select * from in_order
