{%- set last_valued = built_by_the_last_run('int_msp_service_tasks_valued') %}
{%- set parents = parents_of_valued_tasks() %}
{#- What is read only where something was valued before: dbt learns of it here. -#}
{%- if not execute %}
{%- for parent in parents.values() %}
{%- do ref(parent.model) %}
{%- endfor %}
{%- do ref('int_msp_rules_version') %}
{%- do ref('int_removed_keys') %}
{%- endif %}

with

{% if not last_valued -%}
to_value as (

    select source_hash as task_hash
    from {{ ref('stg_service_desk__service_tasks') }}
    group by source_hash

)

{%- else -%}
{%- set unseen = {} %}
{%- for parent, known in parents.items() %}
{%- do unseen.update({parent: unseen_since(ref(known.model), last_valued, parent ~ '_build', known.build)}) %}
{%- endfor %}
-- Each CTE reads the columns it needs from the tables themselves: an engine that computes a CTE once and keeps it would
-- keep ten million rows.
changed_tasks as (

    select tasks.source_hash as task_hash
    from {{ ref('stg_service_desk__service_tasks') }} as tasks
    where tasks.build_number > {{ unseen.task.after }}

),

changed_rules as (

    select valued.task_hash
    from {{ last_valued }} as valued
    cross join {{ ref('int_msp_rules_version') }} as rules_version
    where valued.rules_hash <> rules_version.all_rules_hash

),

{% for parent, known in parents.items() if parent != 'task' -%}
{{ parent }}s_unseen as (

    select parent.{{ parent }}_key
    from {{ ref(known.model) }} as parent
    where parent.{{ known.build }} > {{ unseen[parent].after }}

    union

    {{ removed_since(known.model, unseen[parent].after, parent ~ '_key', is_hash=false) }}

),

tasks_of_unseen_{{ parent }}s as (

    select tasks.source_hash as task_hash
    from {{ ref('stg_service_desk__service_tasks') }} as tasks
    {%- if unseen[parent].is_all %}
    -- Also those whose {{ parent.replace('_', ' ') }} is there no more.
    where tasks.{{ parent }}_key is not null
    {%- else %}
    inner join {{ parent }}s_unseen on tasks.{{ parent }}_key = {{ parent }}s_unseen.{{ parent }}_key
    {%- endif %}

),

{% endfor -%}
to_value as (

    select task_hash from changed_tasks
    union
    select task_hash from changed_rules
    {%- for parent in parents if parent != 'task' %}
    union
    select task_hash from tasks_of_unseen_{{ parent }}s
    {%- endfor %}

)
{%- endif %}

select * from to_value
