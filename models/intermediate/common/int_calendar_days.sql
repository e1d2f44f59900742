{{ config(materialized='view') }}

with

numbers as (

    select * from {{ ref('int_numbers') }}

),

days as (

    select cast({{ add_days("cast('1970-01-01' as date)", 'numbers.number') }} as date) as calendar_day
    from numbers
    where numbers.number < 84006

)

select * from days
