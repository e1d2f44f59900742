-- A failure means that staging lost or invented raw cases or events: every raw row must be counted under exactly one
-- key. Build the table named below with --full-refresh; if the counts still differ, mend latest_version_of_each_key.
with

raw_counts as (

    select
        'support_cases' as table_name,
        count(*) as row_count
    from {{ source('support', 'support_cases') }}

    union all

    select
        'support_case_events' as table_name,
        count(*) as row_count
    from {{ source('support', 'support_case_events') }}

),

checks as (

    select * from {{ ref('int_support_data_quality_checks') }}

),

lost as (

    select
        raw_counts.table_name,
        raw_counts.row_count,
        checks.source_rows
    from raw_counts
    left join checks on raw_counts.table_name = checks.table_name
    where checks.source_rows is null or checks.source_rows <> raw_counts.row_count

)

select * from lost
