{{ config(materialized='view') }}

with

tasks as (

    select * from {{ ref('stg_service_desk__service_tasks') }}

),

tickets as (

    select * from {{ ref('stg_service_desk__service_tickets') }}

),

assets as (

    select * from {{ ref('stg_service_desk__hardware_assets') }}

),

software_requests as (

    select * from {{ ref('stg_service_desk__software_requests') }}

),

{{ parent_builds_of_tasks() }},

rules_version as (

    select * from {{ ref('int_msp_rules_version') }}

),

joined as (

    {{ service_tasks_joined() }}

)

select * from joined
