{{ config(materialized='view') }}

with

cases as (

    select * from {{ ref('stg_support__support_cases') }}

),

labels as (

    select * from {{ ref('int_support_labels') }}

),

resolutions as (

    select
        *,
        case when case_status in ('resolved', 'closed') then coalesce(resolved_at, closed_at) end as resolution_at
    from cases

),

milestones as (

    select
        resolutions.case_key,
        resolutions.case_id,
        coalesce(resolutions.priority, 'Unknown') as priority,
        resolutions.priority as priority_key,
        regions.label as region,
        products.label as product,
        queues.label as queue,
        resolutions.customer_tier,
        resolutions.case_status,
        resolutions.created_at,
        coalesce(resolutions.first_responded_at, resolutions.resolution_at) as first_response_at,
        resolutions.resolution_at,
        resolutions.reopened_count,
        resolutions.is_missing_key,
        case when {{ within_calendar_bounds('resolutions.created_at') }} then 0 else 1 end as is_outside_calendar,
        case
            when resolutions.created_at is null or {{ within_calendar_bounds('resolutions.created_at') }} then 0 else 1
        end as is_created_outside_calendar,
        resolutions.source_hash
    from resolutions
    left join labels as regions
        on regions.field = 'region' and regions.label_key = upper(resolutions.region)
    left join labels as products
        on products.field = 'product' and products.label_key = upper(resolutions.product)
    left join labels as queues
        on queues.field = 'queue' and queues.label_key = upper(resolutions.queue)

)

select * from milestones
