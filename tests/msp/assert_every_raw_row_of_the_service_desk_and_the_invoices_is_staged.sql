-- A failure means that staging lost or invented raw rows: every raw row must be counted under exactly one key.
-- Build the table named below with --full-refresh; if the counts still differ, two rows without a key were given
-- the same number.
with

raw_counts as (

    select
        'service_tickets' as table_name,
        count(*) as row_count
    from {{ source('service_desk', 'service_tickets') }}

    union all

    select
        'service_tasks' as table_name,
        count(*) as row_count
    from {{ source('service_desk', 'service_tasks') }}

    union all

    select
        'hardware_assets' as table_name,
        count(*) as row_count
    from {{ source('service_desk', 'hardware_assets') }}

    union all

    select
        'software_requests' as table_name,
        count(*) as row_count
    from {{ source('service_desk', 'software_requests') }}

    union all

    select
        'msp_invoice_lines' as table_name,
        count(*) as row_count
    from {{ source('msp_billing', 'msp_invoice_lines') }}

),

checks as (

    select * from {{ ref('int_msp_data_quality_checks') }}

),

lost as (

    select
        raw_counts.table_name,
        raw_counts.row_count,
        checks.source_rows
    from raw_counts
    left join checks on raw_counts.table_name = checks.table_name
    where checks.source_rows is null or raw_counts.row_count <> checks.source_rows

)

select * from lost
