with

deals as (

    select * from {{ ref('stg_analytics__deals') }}

),

entries as (

    select * from {{ ref('stg_accounting__revenue_entries') }}

),

checked as (

    select
        'deals' as table_name,
        count(*) as checked_rows,
        coalesce(sum(source_row_count), 0) as source_rows
    from deals

    union all

    select
        'revenue_entries' as table_name,
        count(*) as checked_rows,
        coalesce(sum(source_row_count), 0) as source_rows
    from entries

),

final as (

    select
        cast(table_name as nvarchar(40)) as table_name,
        cast(checked_rows as bigint) as checked_rows,
        cast(source_rows as bigint) as source_rows
    from checked

)

select * from final
