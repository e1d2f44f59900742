{{ config(materialized='view') }}

with

software_requests as (

    select * from {{ ref('stg_service_desk__software_requests') }}

),

tickets as (

    select * from {{ ref('stg_service_desk__service_tickets') }}

),

joined as (

    select
        software_requests.software_request_key,
        software_requests.software_request_id,
        software_requests.ticket_id,
        software_requests.product,
        software_requests.licence_type,
        software_requests.requested_at,
        case when software_requests.ticket_key is not null and tickets.ticket_key is null then 1 else 0 end
            as is_orphan_ticket
    from software_requests
    left join tickets on software_requests.ticket_hash = tickets.key_hash

)

select * from joined
