-- Where a new category rule pays most: the descriptions that no rule of task_category_rules matches, by what they cost.
with

tasks_valued as (

    select * from {{ ref('int_msp_service_tasks_valued') }}

),

tasks_joined as (

    select * from {{ ref('int_msp_service_tasks_joined') }}

),

unclassified as (

    select
        upper(tasks_joined.task_description) as task_description,
        count(*) as task_count,
        sum(tasks_valued.amount_gbp) as amount_gbp
    from tasks_valued
    inner join tasks_joined on tasks_valued.task_key = tasks_joined.task_key
    where tasks_valued.category = 'Unclassified' and tasks_valued.is_completed = 1
    group by upper(tasks_joined.task_description)

),

ranked as (

    select
        *,
        row_number() over (order by amount_gbp desc, {{ sort_key('task_description') }}) as amount_rank
    from unclassified

)

select * from ranked
where amount_rank <= 100
