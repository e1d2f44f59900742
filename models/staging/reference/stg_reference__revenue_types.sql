with

seed as (

    select * from {{ ref('revenue_types') }}

),

cleaned as (

    select
        {{ revenue_type_name('revenue_type') }} as revenue_type,
        upper({{ revenue_type_name('revenue_type') }}) as revenue_type_key,
        lower({{ trimmed('revenue_category') }}) as revenue_category
    from seed

),

filled as (

    select * from cleaned
    where revenue_type_key is not null and revenue_category is not null

)

select * from filled
