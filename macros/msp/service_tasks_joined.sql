{#- Tasks with the fields that the rules look at, from CTEs called tasks, tickets, assets, software_requests,
    parent_builds and rules_version: the view over all tasks and the few tasks that a run has to value again are joined
    alike. -#}
{%- macro service_tasks_joined() -%}
    select
        tasks.key_hash,
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
        tasks.source_hash as task_hash,
        parent_builds.task_build,
        parent_builds.ticket_build,
        parent_builds.asset_build,
        parent_builds.software_request_build,
        rules_version.all_rules_hash as rules_hash
    from tasks
    left join tickets on tasks.ticket_key = tickets.ticket_key
    left join assets on tasks.asset_key = assets.asset_key
    left join software_requests on tasks.software_request_key = software_requests.software_request_key
    cross join parent_builds
    cross join rules_version
{%- endmacro -%}

{#- CTE `parent_builds`, of one row: the build of each of `parents_of_valued_tasks` that tasks are joined from now. -#}
{%- macro parent_builds_of_tasks() -%}
parent_builds as (

    select
        {%- for parent in parents_of_valued_tasks() %}
        {{ parent }}s.{{ parent }}_build{{ ',' if not loop.last }}
        {%- endfor %}
    from
        {%- for parent, known in parents_of_valued_tasks().items() %}
        {{ 'cross join ' if not loop.first }}(
            select {{ last_build(known.build) }} as {{ parent }}_build
            from {{ ref(known.model) }}
        ) as {{ parent }}s
        {%- endfor %}

)
{%- endmacro -%}
