{%- set parents = parents_of_valued_tasks() %}
{#- What is read in some runs only: dbt learns of it here. -#}
{%- if not execute %}
{%- for parent in parents.values() %}
{%- do ref(parent.model) %}
{%- endfor %}
{%- do ref('int_msp_tasks_to_value') %}
{%- do ref('int_msp_rules_version') %}
{%- do ref('int_msp_service_tasks_joined') %}
{%- endif %}

with

{% if built_by_the_last_run('int_msp_service_tasks_valued') -%}
tasks_to_value as (

    select * from {{ ref('int_msp_tasks_to_value') }}

),

-- Not all columns: an engine that keeps a CTE reads all of it.
tasks as (

    select
        source.key_hash,
        source.task_key,
        source.task_id,
        source.ticket_id,
        source.technician_id,
        source.task_description,
        source.completion_method,
        source.quantity,
        source.task_status,
        source.completed_at,
        source.ticket_key,
        source.asset_key,
        source.software_request_key,
        source.source_hash
    from {{ ref('stg_service_desk__service_tasks') }} as source
    inner join tasks_to_value on source.source_hash = tasks_to_value.task_hash

),

-- Only the parents of those tasks: a join that may find none would otherwise hold all of them.
{% for parent, known in parents.items() if parent != 'task' -%}
{{ parent }}s_named as (

    select {{ parent }}_key
    from tasks
    group by {{ parent }}_key

),

{{ parent }}s as (

    select parent.*
    from {{ ref(known.model) }} as parent
    inner join {{ parent }}s_named on parent.{{ parent }}_key = {{ parent }}s_named.{{ parent }}_key

),

{% endfor -%}
{{ parent_builds_of_tasks() }},

rules_version as (

    select * from {{ ref('int_msp_rules_version') }}

),

joined as (

    {{ service_tasks_joined() }}

)

{%- else -%}
joined as (

    select *
    from {{ ref('int_msp_service_tasks_joined') }}
    where 1 = 0

)
{%- endif %}

select * from joined
