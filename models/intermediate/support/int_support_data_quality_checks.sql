with

cases as (

    select * from {{ ref('stg_support__support_cases') }}

),

case_events as (

    select * from {{ ref('stg_support__support_case_events') }}

),

checks as (

    select
        'support_cases' as table_name,
        count(*) as checked_rows,
        coalesce(sum(source_row_count), 0) as source_rows
    from cases

    union all

    select
        'support_case_events' as table_name,
        count(*) as checked_rows,
        coalesce(sum(source_row_count), 0) as source_rows
    from case_events

),

typed as (

    select
        cast(table_name as nvarchar(50)) as table_name,
        cast(checked_rows as integer) as checked_rows,
        cast(source_rows as integer) as source_rows
    from checks

)

select * from typed
