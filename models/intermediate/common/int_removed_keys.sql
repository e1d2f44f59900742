{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false
    )
}}

-- Filled by the models that find keys removed (keep_removed_keys); by itself it only comes to be.
with

no_keys as (

    select
        cast('' as nvarchar(100)) as model_name,
        cast('' as nvarchar(255)) as removed_key,
        cast(0 as bigint) as build_number
    where 1 = 0

)

select * from no_keys
