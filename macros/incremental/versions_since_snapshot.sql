{#- The query of a snapshot of a large staging model: its rows that are new or not what the last version in the snapshot
    says, and the last versions of rows that are gone, marked by dbt_is_deleted; all rows where there is no snapshot yet.

    dbt's own hard_deletes would compare every column of every row each time. Here rows are told apart by source_hash, and
    only in parts of the table (rows of one date of `part`) that do not add up to the same. dbt compares the columns of
    the rows that are left, so that another source_hash alone makes no version. -#}
{%- macro versions_since_snapshot(parent, key, columns, part) -%}
{%- set part_of_row -%}
coalesce({{ part }}, cast('1900-01-01' as date))
{%- endset -%}
with

staged as (

    select
        {{ key }},
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        source_hash
    from {{ parent }}

)
{%- if load_relation(this) is none %}

select
    staged.*,
    cast('False' as nvarchar(5)) as dbt_is_deleted
from staged
{%- else -%}
,

last_versions as (

    select
        {{ key }},
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        source_hash
    from {{ this }}
    where
        dbt_valid_to is null
        and dbt_is_deleted = 'False'

),

staged_parts as (

    select
        {{ part_of_row }} as part,
        count(*) as row_count,
        sum(cast(source_hash as decimal(38, 0))) as hash_sum
    from staged
    group by {{ part_of_row }}

),

version_parts as (

    select
        {{ part_of_row }} as part,
        count(*) as row_count,
        sum(cast(source_hash as decimal(38, 0))) as hash_sum
    from last_versions
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

staged_in_question as (

    select
        staged.{{ key }},
        staged.source_hash
    from staged
    left join same_parts on {{ part_of_row }} = same_parts.part
    where same_parts.part is null

),

versions_in_question as (

    select
        last_versions.{{ key }},
        last_versions.source_hash
    from last_versions
    left join same_parts on {{ part_of_row }} = same_parts.part
    where same_parts.part is null

),

changed as (

    select staged_in_question.{{ key }}
    from staged_in_question
    left join versions_in_question on staged_in_question.source_hash = versions_in_question.source_hash
    where versions_in_question.source_hash is null

),

unmatched as (

    select versions_in_question.{{ key }}
    from versions_in_question
    left join staged_in_question on versions_in_question.source_hash = staged_in_question.source_hash
    where staged_in_question.source_hash is null

),

gone as (

    select unmatched.{{ key }}
    from unmatched
    left join staged_in_question on unmatched.{{ key }} = staged_in_question.{{ key }}
    where staged_in_question.{{ key }} is null

)

select
    staged.*,
    cast('False' as nvarchar(5)) as dbt_is_deleted
from staged
inner join changed on staged.{{ key }} = changed.{{ key }}

union all

select
    last_versions.*,
    cast('True' as nvarchar(5)) as dbt_is_deleted
from last_versions
inner join gone on last_versions.{{ key }} = gone.{{ key }}
{%- endif %}
{%- endmacro -%}
