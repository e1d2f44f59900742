-- A row here means that deals or ledger entries got lost, or came back after they were deleted, on their way from the
-- raw tables to the models that every revenue figure is made of. No figure can be trusted until it is gone: build with
-- a full refresh, and if that mends it, look for what an incremental run overlooked. Rows are compared by number and by
-- the sum of their fingerprints: so none is there twice in the place of another.
with

raw_deals as (

    select * from {{ source('analytics', 'deals') }}

),

raw_entries as (

    select * from {{ source('accounting', 'revenue_entries') }}

),

staged_deals as (

    select * from {{ ref('stg_analytics__deals') }}

),

staged_entries as (

    select * from {{ ref('stg_accounting__revenue_entries') }}

),

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

entries as (

    select * from {{ ref('int_revenue_entries') }}

),

counted as (

    select
        'raw rows of deals' as counted_rows,
        count(*) as row_count
    from raw_deals

    union all

    select
        'raw rows of deals' as counted_rows,
        -coalesce(sum(source_row_count), 0) as row_count
    from staged_deals

    union all

    select
        'raw rows of revenue_entries' as counted_rows,
        count(*) as row_count
    from raw_entries

    union all

    select
        'raw rows of revenue_entries' as counted_rows,
        -coalesce(sum(source_row_count), 0) as row_count
    from staged_entries

    union all

    select
        'deals' as counted_rows,
        count(*) as row_count
    from staged_deals

    union all

    select
        'deals' as counted_rows,
        -count(*) as row_count
    from deals

    union all

    select
        'entries' as counted_rows,
        count(*) as row_count
    from staged_entries

    union all

    select
        'entries' as counted_rows,
        -count(*) as row_count
    from entries

    union all

    select
        'fingerprints of deals' as counted_rows,
        {{ sum_of_fingerprints('source_hash') }} as row_count
    from staged_deals

    union all

    select
        'fingerprints of deals' as counted_rows,
        -{{ sum_of_fingerprints('source_hash') }} as row_count
    from deals

    union all

    select
        'fingerprints of entries' as counted_rows,
        {{ sum_of_fingerprints('source_hash') }} as row_count
    from staged_entries

    union all

    select
        'fingerprints of entries' as counted_rows,
        -{{ sum_of_fingerprints('source_hash') }} as row_count
    from entries

),

differing as (

    select
        counted_rows,
        sum(row_count) as lost_rows
    from counted
    group by counted_rows
    having sum(row_count) <> 0

)

select * from differing
