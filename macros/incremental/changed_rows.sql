{#- CTEs that end in `changed`: the raw rows a staging model has to look at, each with its `row_hash`. All of them on a
    full build; else those that the last run did not see, found by fingerprint, before anything is cleaned: matching
    ten million numbers costs a fraction of trimming and grouping ten million rows.

    `changed` holds every raw row that is not, once and unchanged, the only version of its key in the built table.
    `replaced_hashes` holds the fingerprints of built rows of which that can no longer be said. Rows of keys with several
    versions, and rows without a key, always go through: there are few.

    Millions are matched by number alone: a key beside it, as text, would double what that costs.
    raw_table: the source; columns: those of it that make up the fingerprint. -#}
{%- macro changed_rows(raw_table, columns) -%}
{%- if not is_incremental() -%}
changed as (

    select
        source.*,
        {{ row_fingerprint(columns) }} as row_hash
    from source

)
{%- else -%}
fingerprinted as (

    select
        source.*,
        {{ row_fingerprint(columns) }} as row_hash
    from source

),

only_versions as (

    select source_hash as built_hash
    from {{ this }}
    where
        source_row_count = 1
        and is_missing_key = 0

),

differences as (

    select
        fingerprinted.*,
        only_versions.built_hash
    from fingerprinted
    full join only_versions on fingerprinted.row_hash = only_versions.built_hash
    where
        fingerprinted.row_hash is null
        or only_versions.built_hash is null

),

-- A second copy of a row, the same to the last character, finds its match like the first: told by counting.
raw_total as (

    select count(*) as row_count from {{ raw_table }}

),

built_total as (

    select count(*) as row_count
    from {{ this }}
    where
        source_row_count = 1
        and is_missing_key = 0

),

difference_total as (

    select
        count(row_hash) as raw_row_count,
        count(built_hash) as built_row_count
    from differences

),

copies_found as (

    select 1 as is_found
    from raw_total
    cross join built_total
    cross join difference_total
    where
        raw_total.row_count - difference_total.raw_row_count
        > built_total.row_count - difference_total.built_row_count

),

-- Joined, not filtered, so that the raw table is read again only where there are copies.
copied_hashes as (

    select counted.row_hash
    from (select {{ row_fingerprint(columns) }} as row_hash from {{ raw_table }}) as counted
    inner join copies_found on case when counted.row_hash is null then 0 else 1 end = copies_found.is_found
    group by counted.row_hash
    having count(*) > 1

),

copies as (

    select
        repeated.*,
        built.source_hash as built_hash
    from (select source_again.*, {{ row_fingerprint(columns) }} as row_hash from {{ raw_table }} as source_again) as repeated
    inner join copied_hashes on repeated.row_hash = copied_hashes.row_hash
    inner join {{ this }} as built on built.source_hash = copied_hashes.row_hash
    where
        built.source_row_count = 1
        and built.is_missing_key = 0

),

changed as (

    select *
    from differences
    where row_hash is not null

    union all

    select * from copies

),

replaced_hashes as (

    select built_hash
    from differences
    where row_hash is null

    union

    select built_hash from copies

)
{%- endif -%}
{%- endmacro -%}
