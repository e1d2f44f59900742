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

rules_version as (

    select * from {{ ref('int_msp_rules_version') }}

),

joined as (

    select
        tasks.task_key,
        tasks.task_id,
        tasks.ticket_id,
        tasks.technician_id,
        tasks.task_description,
        tasks.completion_method,
        tasks.quantity,
        tasks.task_status,
        tasks.completed_at,
        coalesce(tickets.cost_centre, assets.cost_centre) as cost_centre,
        coalesce(tickets.site_code, assets.site_code) as site_code,
        tickets.short_description,
        case when tasks.ticket_key is not null and tickets.ticket_key is null then 1 else 0 end as is_orphan_ticket,
        case when tasks.asset_key is not null and assets.asset_key is null then 1 else 0 end as is_orphan_asset,
        case
            when tasks.software_request_key is not null and software_requests.software_request_key is null then 1
            else 0
        end as is_orphan_software_request,
        {{ row_hash([
            'tasks.source_hash', 'tickets.source_hash', 'assets.source_hash', 'software_requests.source_row_count',
            'rules_version.all_rules_hash'
        ]) }} as input_hash
    from tasks
    left join tickets on tasks.ticket_key = tickets.ticket_key
    left join assets on tasks.asset_key = assets.asset_key
    left join software_requests on tasks.software_request_key = software_requests.software_request_key
    cross join rules_version

)

select * from joined
