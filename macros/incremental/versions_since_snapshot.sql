{#- The query of a snapshot of a large staging model: its rows that are new or not what the last version in the snapshot
    says, and the last versions of rows that are gone, marked by dbt_is_deleted; all rows where there is no snapshot yet.

    dbt's own hard_deletes would compare every column of every row each time. Here rows are told apart by source_hash, and
    only in parts of the table (rows of one date of `part`) that do not add up to the same. dbt compares the columns of
    the rows that are left, so that another source_hash alone makes no version. Rows are fetched by number: matching
    millions by text costs three times as much. Copies of a row without a key have one fingerprint, and are numbered anew
    when another comes: such rows are always compared, there are few.

    previous_hash is the source_hash of the version that a row is compared with (snapshot_staging_table). -#}
{%- macro versions_since_snapshot(parent, key, columns, part) -%}
{%- set part_of_row -%}
coalesce({{ part }}, cast('1900-01-01' as date))
{%- endset -%}
{%- set last_version = "dbt_valid_to is null and dbt_is_deleted = 'False'" -%}
{%- set snapshot = load_relation(this) -%}
{%- set known = adapter.get_columns_in_relation(snapshot) | map(attribute='name') | map('lower') | list if snapshot else [] -%}
{%- if 'source_hash' not in known -%}
select
    {{ key }},
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    source_hash,
    cast(null as bigint) as previous_hash,
    cast('False' as nvarchar(5)) as dbt_is_deleted
from {{ parent }}
{%- else -%}
with

staged_parts as (

    select
        {{ part_of_row }} as part,
        count(*) as row_count,
        {{ sum_of_fingerprints('source_hash') }} as hash_sum
    from {{ parent }}
    group by {{ part_of_row }}

),

version_parts as (

    select
        {{ part_of_row }} as part,
        count(*) as row_count,
        {{ sum_of_fingerprints('source_hash') }} as hash_sum
    from {{ this }}
    where {{ last_version }}
    group by {{ part_of_row }}

),

same_parts as (

    select staged_parts.part
    from staged_parts
    inner join version_parts
        on
            staged_parts.part = version_parts.part
            and staged_parts.row_count = version_parts.row_count
            and staged_parts.hash_sum = version_parts.hash_sum

),

staged as (

    select source_hash
    from {{ parent }}
    where {{ part_of_row }} not in (select part from same_parts)

),

last_versions as (

    select source_hash
    from {{ this }}
    where
        {{ last_version }}
        and {{ part_of_row }} not in (select part from same_parts)

),

changed as (

    select staged.source_hash
    from staged
    left join last_versions on staged.source_hash = last_versions.source_hash
    where last_versions.source_hash is null

    union

    select source_hash
    from {{ parent }}
    where is_missing_key = 1

),

outdated as (

    select last_versions.source_hash
    from last_versions
    left join staged on last_versions.source_hash = staged.source_hash
    where staged.source_hash is null

),

changed_rows as (

    select
        source.{{ key }},
        {%- for column in columns %}
        source.{{ column }},
        {%- endfor %}
        source.source_hash
    from {{ parent }} as source
    inner join changed on source.source_hash = changed.source_hash

),

-- All last versions that a changed row can follow, and those of rows that are gone; of rows without a key, which always
-- go through, and of a snapshot begun before there was a source_hash, all of them.
versions_in_question as (

    select
        version.{{ key }},
        version.source_hash,
        version.dbt_is_deleted
    from {{ this }} as version
    inner join outdated on version.source_hash = outdated.source_hash
    where {{ last_version }}

    union

    select
        {{ key }},
        source_hash,
        dbt_is_deleted
    from {{ this }}
    where
        {{ last_version }}
        and source_hash is null

    union

    select
        {{ key }},
        source_hash,
        dbt_is_deleted
    from {{ this }}
    where
        {{ last_version }}
        and {{ key }} like '(none)-%'

    union

    select
        {{ key }},
        source_hash,
        dbt_is_deleted
    from {{ this }}
    where
        dbt_valid_to is null
        and dbt_is_deleted = 'True'

),

gone as (

    select versions_in_question.{{ key }}
    from versions_in_question
    left join changed_rows on versions_in_question.{{ key }} = changed_rows.{{ key }}
    where
        versions_in_question.dbt_is_deleted = 'False'
        and changed_rows.{{ key }} is null

)

select
    changed_rows.{{ key }},
    {%- for column in columns %}
    changed_rows.{{ column }},
    {%- endfor %}
    changed_rows.source_hash,
    versions_in_question.source_hash as previous_hash,
    cast('False' as nvarchar(5)) as dbt_is_deleted
from changed_rows
left join versions_in_question on changed_rows.{{ key }} = versions_in_question.{{ key }}

union all

select
    version.{{ key }},
    {%- for column in columns %}
    version.{{ column }},
    {%- endfor %}
    version.source_hash,
    version.source_hash as previous_hash,
    cast('True' as nvarchar(5)) as dbt_is_deleted
from {{ this }} as version
inner join gone on version.{{ key }} = gone.{{ key }}
where {{ last_version }}
{%- endif %}
{%- endmacro -%}
