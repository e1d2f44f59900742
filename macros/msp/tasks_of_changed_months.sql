{#- CTEs that end in `tasks`: the completed tasks of the months that are not what they were when the model was built, each
    with the month_hash to keep; all of them on a full build. -#}
{%- macro tasks_of_changed_months() -%}
months as (

    select * from {{ ref('int_msp_months') }}

),

all_tasks as (

    select * from {{ ref('fct_service_tasks') }}

),

changed_months as (

    {{ only_changed('months', 'billing_month', 'month_hash') }}

),

tasks as (

    select
        all_tasks.*,
        changed_months.month_hash
    from all_tasks
    inner join changed_months on all_tasks.billing_month = changed_months.billing_month

)
{%- endmacro -%}
