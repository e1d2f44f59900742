{#- The query of a snapshot of a large staging model: its rows that were written since the snapshot was taken last
    (build_number), and the last versions of rows that are gone (int_removed_keys), marked by dbt_is_deleted; all rows where
    there is no snapshot yet.

    dbt's own hard_deletes would compare every column of every row each time. dbt compares the columns of the rows that are
    given, so that a row which was written again as it was makes no version.

    key_hash is what a row and its versions are found by among millions: looking keys up as text costs three times as much.
    A snapshot begun before there was one is read as if it had. source_build is the build of the parent that was seen. -#}
{%- macro versions_since_snapshot(parent, key, columns) -%}
{#- What is read in some runs only: dbt learns of it here. -#}
{%- if not execute -%}{%- do ref('int_removed_keys') -%}{%- endif -%}
{%- set snapshot = load_relation(this) -%}
{%- set known = adapter.get_columns_in_relation(snapshot) | map(attribute='name') | map('lower') | list if snapshot else [] -%}
{%- set staged_build -%}
(select {{ last_build() }} as source_build from {{ parent }}) as staged_build
{%- endset -%}
{%- if 'source_build' not in known -%}
select
    source.{{ key }},
    {%- for column in columns %}
    source.{{ column }},
    {%- endfor %}
    source.key_hash,
    staged_build.source_build,
    cast('False' as nvarchar(5)) as dbt_is_deleted
from {{ parent }} as source
cross join {{ staged_build }}
{%- else -%}
{%- set version_hash -%}
coalesce(version.key_hash, {{ row_fingerprint(['version.' ~ key]) }})
{%- endset -%}
{%- set unseen = unseen_since(parent, this, 'source_build') -%}
{%- set is_last_version = "version.dbt_valid_to is null and version.dbt_is_deleted = 'False'" -%}
with

changed_rows as (

    select
        source.{{ key }},
        {%- for column in columns %}
        source.{{ column }},
        {%- endfor %}
        source.key_hash
    from {{ parent }} as source
    where source.build_number > {{ unseen.after }}

),

removed_hashes as (

    {{ removed_since(parent.identifier | lower, unseen.after, 'key_hash') }}
    {%- if unseen.is_all %}

    union

    -- Also those that were there once: what the parent has is left out below.
    select {{ version_hash }} as key_hash
    from {{ this }} as version
    where version.dbt_valid_to is null
    {%- endif %}

),

-- One that is gone and back again has changed.
gone as (

    select removed_hashes.key_hash
    from removed_hashes
    left join changed_rows on removed_hashes.key_hash = changed_rows.key_hash
    where changed_rows.key_hash is null

)

select
    changed_rows.*,
    staged_build.source_build,
    cast('False' as nvarchar(5)) as dbt_is_deleted
from changed_rows
cross join {{ staged_build }}

union all

select
    version.{{ key }},
    {%- for column in columns %}
    version.{{ column }},
    {%- endfor %}
    {{ version_hash }} as key_hash,
    staged_build.source_build,
    cast('True' as nvarchar(5)) as dbt_is_deleted
from {{ this }} as version
inner join gone on {{ version_hash }} = gone.key_hash
cross join {{ staged_build }}
where {{ is_last_version }}
{%- endif %}
{%- endmacro -%}
