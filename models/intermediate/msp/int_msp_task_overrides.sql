with

override_effects as (

    select * from {{ ref('int_msp_override_effects') }}

),

applied as (

    select *
    from override_effects
    where override_status = 'applied'

)

select * from applied
