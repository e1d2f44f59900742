{{
    config(
        materialized='incremental',
        unique_key='observed_as_of',
        full_refresh=false
    )
}}

with

settings as (

    select * from {{ ref('int_run_settings') }}

),

observation as (

    select as_of as observed_as_of
    from settings

)

select * from observation
