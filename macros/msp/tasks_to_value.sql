{#- CTEs called tasks, tickets, assets, ... : the tasks that int_msp_tasks_to_value names, and their parents; found by number,
    as text costs several times as much.

    parents: {name: model of staging} of those wanted. -#}
{%- macro tasks_to_value(parents) -%}
tasks_to_value as (

    select * from {{ ref('int_msp_tasks_to_value') }}

),

tasks as (

    select source.*
    from {{ ref('stg_service_desk__service_tasks') }} as source
    inner join tasks_to_value on source.source_hash = tasks_to_value.task_hash

)

{%- for parent, parent_model in parents.items() %},

-- Only those that the tasks name: a join that may find none would otherwise hold all of them.
{{ parent }}s_named as (

    select {{ parent }}_key
    from tasks
    group by {{ parent }}_key

),

{{ parent }}s as (

    select parent.*
    from {{ ref(parent_model) }} as parent
    inner join {{ parent }}s_named on parent.{{ parent }}_key = {{ parent }}s_named.{{ parent }}_key

)
{%- endfor %}
{%- endmacro -%}
