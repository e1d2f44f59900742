with

data_quality_weights as (

    select * from {{ ref('data_quality_weights') }}

),

cleaned as (

    select
        lower({{ trimmed('dimension') }}) as dimension,
        weight
    from data_quality_weights

)

select * from cleaned
