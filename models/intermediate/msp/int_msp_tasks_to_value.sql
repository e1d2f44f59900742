{%- set last_valued = built_by_the_last_run('int_msp_service_tasks_valued') %}
{%- set parents = {
    'ticket': 'stg_service_desk__service_tickets',
    'asset': 'stg_service_desk__hardware_assets',
    'software_request': 'stg_service_desk__software_requests',
} %}
{#- What is read only where something was valued before: dbt learns of it here. -#}
{%- if not execute %}
{%- for parent_model in parents.values() %}
{%- do ref(parent_model) %}
{%- endfor %}
{%- do ref('int_msp_rules_version') %}
{%- endif %}
{#- Tasks that are not completed have a day of their own. -#}
{%- set no_day = "cast('1900-01-01' as date)" %}

with

tasks as (

    select
        source_hash as task_hash,
        is_missing_key,
        coalesce(cast(completed_at as date), {{ no_day }}) as completed_on
    from {{ ref('stg_service_desk__service_tasks') }}

),

{% if not last_valued -%}
to_value as (

    select task_hash
    from tasks
    group by task_hash

)

{%- else -%}
valued as (

    select
        last_valued.task_hash,
        last_valued.ticket_hash,
        last_valued.asset_hash,
        last_valued.software_request_hash,
        last_valued.orphan_ticket_key,
        last_valued.orphan_asset_key,
        last_valued.orphan_software_request_key,
        last_valued.is_orphan_ticket,
        last_valued.is_orphan_asset,
        last_valued.is_orphan_software_request,
        last_valued.rules_hash,
        coalesce(last_valued.completed_on, {{ no_day }}) as completed_on
    from {{ last_valued }} as last_valued

),

-- Ten million fingerprints are summed by day at a fraction of what finding each costs: only days that do not add up to
-- what they did are looked at.
task_days as (

    select
        completed_on,
        count(*) as task_count,
        {{ sum_of_fingerprints('task_hash') }} as hash_sum
    from tasks
    group by completed_on

),

valued_days as (

    select
        completed_on,
        count(*) as task_count,
        {{ sum_of_fingerprints('task_hash') }} as hash_sum
    from valued
    group by completed_on

),

differing_days as (

    select task_days.completed_on
    from task_days
    left join valued_days
        on
            task_days.completed_on = valued_days.completed_on
            and task_days.task_count = valued_days.task_count
            and task_days.hash_sum = valued_days.hash_sum
    where valued_days.completed_on is null

),

valued_of_those_days as (

    select valued.task_hash
    from valued
    inner join differing_days on valued.completed_on = differing_days.completed_on

),

changed_tasks as (

    select tasks.task_hash
    from tasks
    inner join differing_days on tasks.completed_on = differing_days.completed_on
    left join valued_of_those_days on tasks.task_hash = valued_of_those_days.task_hash
    where valued_of_those_days.task_hash is null

),

-- Copies of one row have one fingerprint and are numbered anew when another comes: always valued, there are few.
tasks_without_key as (

    select task_hash
    from tasks
    where is_missing_key = 1

),

changed_rules as (

    select valued.task_hash
    from valued
    cross join {{ ref('int_msp_rules_version') }} as rules_version
    where valued.rules_hash <> rules_version.all_rules_hash

),

{% for parent, parent_model in parents.items() -%}
{{ parent }}_changed as (

    select valued.task_hash
    from valued
    left join {{ ref(parent_model) }} as parent on valued.{{ parent }}_hash = parent.source_hash
    where
        valued.{{ parent }}_hash is not null
        and parent.source_hash is null

),

{{ parent }}_arrived as (

    select valued.task_hash
    from valued
    inner join {{ ref(parent_model) }} as parent on valued.orphan_{{ parent }}_key = parent.{{ parent }}_key
    where valued.is_orphan_{{ parent }} = 1

),

{% endfor -%}
to_value as (

    select task_hash from changed_tasks
    union
    select task_hash from tasks_without_key
    union
    select task_hash from changed_rules
    {%- for parent in parents %}
    union
    select task_hash from {{ parent }}_changed
    union
    select task_hash from {{ parent }}_arrived
    {%- endfor %}

)
{%- endif %}

select * from to_value
