{#- What is read in some runs only: dbt learns of it here. -#}
{%- if not execute %}
{%- do ref('int_msp_tasks_to_value_joined') %}
{%- endif %}

with

{% if built_by_the_last_run('int_msp_service_tasks_valued') and built_by_the_last_run('int_msp_text_matches') -%}
tasks as (

    select * from {{ ref('int_msp_tasks_to_value_joined') }}

),

tickets as (

    select * from tasks

),

assets as (

    select * from tasks

),

{% else -%}
tasks as (

    select * from {{ ref('stg_service_desk__service_tasks') }}

),

tickets as (

    select * from {{ ref('stg_service_desk__service_tickets') }}

),

assets as (

    select * from {{ ref('stg_service_desk__hardware_assets') }}

),

{% endif -%}
texts as (

    select
        'task_description' as field_name,
        upper(task_description) as text_value
    from tasks
    where task_description is not null

    union

    select
        'short_description' as field_name,
        upper(short_description) as text_value
    from tickets
    where short_description is not null

    union

    select
        'cost_centre' as field_name,
        upper(cost_centre) as text_value
    from tickets
    where cost_centre is not null

    union

    select
        'cost_centre' as field_name,
        upper(cost_centre) as text_value
    from assets
    where cost_centre is not null

    union

    select
        'site_code' as field_name,
        upper(site_code) as text_value
    from tickets
    where site_code is not null

    union

    select
        'site_code' as field_name,
        upper(site_code) as text_value
    from assets
    where site_code is not null

),

keyed as (

    select
        concat(field_name, ':', text_value) as text_key,
        {{ row_fingerprint(['field_name', 'text_value']) }} as text_hash,
        field_name,
        text_value
    from texts

)

select * from keyed
