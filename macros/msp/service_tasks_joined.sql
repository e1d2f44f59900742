{#- Tasks with the fields that the rules look at, from CTEs called tasks, tickets, assets, software_requests and
    rules_version: the view over all tasks and the few tasks that a run has to value again are joined alike. -#}
{%- macro service_tasks_joined() -%}
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
        case when tickets.ticket_key is null then tasks.ticket_key end as orphan_ticket_key,
        case when assets.asset_key is null then tasks.asset_key end as orphan_asset_key,
        case when software_requests.software_request_key is null then tasks.software_request_key end
            as orphan_software_request_key,
        tasks.source_hash as task_hash,
        tickets.source_hash as ticket_hash,
        assets.source_hash as asset_hash,
        software_requests.source_hash as software_request_hash,
        rules_version.all_rules_hash as rules_hash
    from tasks
    left join tickets on tasks.ticket_key = tickets.ticket_key
    left join assets on tasks.asset_key = assets.asset_key
    left join software_requests on tasks.software_request_key = software_requests.software_request_key
    cross join rules_version
{%- endmacro -%}
