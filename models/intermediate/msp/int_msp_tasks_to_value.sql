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

{% if not last_valued -%}
to_value as (

    select source_hash as task_hash
    from {{ ref('stg_service_desk__service_tasks') }}
    group by source_hash

)

{%- else -%}
-- Each CTE reads the columns it needs from the tables themselves: an engine that computes a CTE once and keeps it would
-- keep ten million rows.
--
-- Ten million fingerprints are summed by day at a fraction of what finding each costs: only days that do not add up to
-- what they did are looked at.
task_days as (

    select
        coalesce(cast(completed_at as date), {{ no_day }}) as completed_on,
        count(*) as task_count,
        {{ sum_of_fingerprints('source_hash') }} as hash_sum
    from {{ ref('stg_service_desk__service_tasks') }}
    group by coalesce(cast(completed_at as date), {{ no_day }})

),

valued_days as (

    select
        coalesce(valued.completed_on, {{ no_day }}) as completed_on,
        count(*) as task_count,
        {{ sum_of_fingerprints('valued.task_hash') }} as hash_sum
    from {{ last_valued }} as valued
    group by coalesce(valued.completed_on, {{ no_day }})

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

tasks_of_those_days as (

    select tasks.source_hash as task_hash
    from {{ ref('stg_service_desk__service_tasks') }} as tasks
    inner join differing_days
        on coalesce(cast(tasks.completed_at as date), {{ no_day }}) = differing_days.completed_on

),

valued_of_those_days as (

    select valued.task_hash
    from {{ last_valued }} as valued
    inner join differing_days on coalesce(valued.completed_on, {{ no_day }}) = differing_days.completed_on

),

changed_tasks as (

    select tasks_of_those_days.task_hash
    from tasks_of_those_days
    left join valued_of_those_days on tasks_of_those_days.task_hash = valued_of_those_days.task_hash
    where valued_of_those_days.task_hash is null

),

-- Copies of one row have one fingerprint and are numbered anew when another comes: always valued, there are few.
tasks_without_key as (

    select source_hash as task_hash
    from {{ ref('stg_service_desk__service_tasks') }}
    where is_missing_key = 1

),

changed_rules as (

    select valued.task_hash
    from {{ last_valued }} as valued
    cross join {{ ref('int_msp_rules_version') }} as rules_version
    where valued.rules_hash <> rules_version.all_rules_hash

),

{% for parent, parent_model in parents.items() -%}
{{ parent }}_changed as (

    select valued.task_hash
    from {{ last_valued }} as valued
    left join {{ ref(parent_model) }} as parent on valued.{{ parent }}_hash = parent.source_hash
    where
        valued.{{ parent }}_hash is not null
        and parent.source_hash is null

),

{{ parent }}_arrived as (

    select valued.task_hash
    from {{ last_valued }} as valued
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
