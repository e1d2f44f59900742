{#- CTEs that follow one called `cleaned`, made from `changed` (see changed_rows), and end in `latest`: of several rows of
    one key the newest `updated_at` wins (contract, section 1). A row without a key is kept under '(none)-1',
    '(none)-2', ...

    `cleaned` must hold: the trimmed id, all of `columns`, and row_hash.
    `latest` holds all of `cleaned`, the id never null, plus
      <key>             the id as it is compared (case-blind)
      key_hash          fingerprint of it, by which a row is found and replaced: as text that costs several times as much
      source_row_count  raw rows of this key; 0 where the raw table has none of it any more (delete_gone_keys)
      source_hash       fingerprint of all of them
      is_missing_key    1 where the raw row had no key
      build_number      the build that wrote the row (next_build)
    tie_breakers: columns that decide, greatest first, where updated_at is the same; then the id that sorts first.
    read_columns: those that a model with millions of rows reads by this key. Then there are, too,
      read_hash         fingerprint of them
      read_build        the last build in which one of them changed, or the key came: other changes are nothing to it -#}
{%- macro latest_version_of_each_key(id, key, columns, tie_breakers=[], newest='updated_at', read_columns=[]) -%}
{%- set order_by -%}
case when {{ newest }} is null then 1 else 0 end, {{ newest }} desc
            {%- for column in tie_breakers %}, case when {{ column }} is null then 1 else 0 end, {{ column }} desc{% endfor %}, {{ sort_key(id) }}, row_hash
{%- endset -%}
{{ next_build() }},

without_key as (

    select
        cleaned.*,
        concat('(none)-', cast(row_number() over (order by {{ order_by }}) as nvarchar(20))) as {{ key }}
    from cleaned
    where {{ id }} is null

),

with_key as (

    select
        cleaned.*,
        upper({{ id }}) as {{ key }}
    from cleaned
    where {{ id }} is not null

    union all

    select * from without_key

),

{% if is_incremental() -%}
touched_keys as (

    select distinct {{ row_fingerprint([key]) }} as key_hash
    from with_key

),

-- What is built of them. A wide table is read through for a few rows as slowly as for all: its other columns are
-- fetched below, where there is anything to fetch.
built_touched as (

    select
        built.{{ key }},
        built.source_row_count,
        built.source_hash,
        {%- if read_columns %}
        built.read_hash,
        built.read_build,
        {%- endif %}
        case
            when
                built.source_row_count = 1
                and built.is_missing_key = 0
                and replaced_hashes.built_hash is null
                then 1
            else 0
        end as is_unchanged_version
    from {{ this }} as built
    inner join touched_keys on built.key_hash = touched_keys.key_hash
    left join replaced_hashes on built.source_hash = replaced_hashes.built_hash

),

-- The other version of a key that changed: its raw row is as it was, so the built row says what it said. Found by number,
-- then held against the key, as text costs several times as much.
unchanged_hashes as (

    select source_hash
    from built_touched
    where is_unchanged_version = 1

),

unchanged_rows as (

    select built.*
    from {{ this }} as built
    where built.source_hash in (select unchanged_hashes.source_hash from unchanged_hashes)

),

unchanged_versions as (

    select
        built.{{ id }},
        {%- for column in columns %}
        built.{{ column }},
        {%- endfor %}
        built.source_hash as row_hash,
        built.{{ key }}
    from unchanged_rows as built
    inner join built_touched
        on
            built.{{ key }} = built_touched.{{ key }}
            and built_touched.is_unchanged_version = 1

),

{% endif -%}
keyed as (

    select
        {{ id }},
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        row_hash,
        {{ key }}
    from with_key
    {%- if is_incremental() %}

    union all

    select * from unchanged_versions
    {%- endif %}

),

-- A sum of 47 bits fits a bigint for 65,536 versions of a key.
key_fingerprints as (

    select
        {{ key }},
        count(*) as source_row_count,
        cast(case when count(*) = 1 then max(row_hash) else sum(row_hash % 140737488355328) end as bigint)
            as source_hash
    from keyed
    group by {{ key }}

),

changed_keys as (

    select key_fingerprints.*
    from key_fingerprints
    {%- if is_incremental() %}
    left join built_touched
        on
            built_touched.{{ key }} = key_fingerprints.{{ key }}
            and built_touched.source_row_count = key_fingerprints.source_row_count
            and built_touched.source_hash = key_fingerprints.source_hash
    where built_touched.{{ key }} is null
    {%- endif %}

),

single_rows as (

    select
        keyed.*,
        changed_keys.source_row_count,
        changed_keys.source_hash,
        1 as version_rank
    from keyed
    inner join changed_keys on keyed.{{ key }} = changed_keys.{{ key }}
    where changed_keys.source_row_count = 1

),

repeated_rows as (

    select
        keyed.*,
        changed_keys.source_row_count,
        changed_keys.source_hash,
        row_number() over (partition by keyed.{{ key }} order by {{ order_by }}) as version_rank
    from keyed
    inner join changed_keys on keyed.{{ key }} = changed_keys.{{ key }}
    where changed_keys.source_row_count > 1

),

{% if is_incremental() -%}
-- Replaced, but by no row of the same key.
hashes_in_question as (

    select replaced_hashes.built_hash
    from replaced_hashes
    left join built_touched on replaced_hashes.built_hash = built_touched.source_hash
    where built_touched.{{ key }} is null

),

-- Found among the few keys in question, so that the built table is not read through.
keys_in_question as (

    select {{ key }}
    from {{ this }}
    where
        source_row_count <> 1
        or is_missing_key = 1

    union

    select built.{{ key }}
    from {{ this }} as built
    inner join hashes_in_question on built.source_hash = hashes_in_question.built_hash
    where
        built.source_row_count = 1
        and built.is_missing_key = 0

),

gone_keys as (

    select {{ row_fingerprint(['keys_in_question.' ~ key]) }} as key_hash
    from keys_in_question
    left join key_fingerprints on keys_in_question.{{ key }} = key_fingerprints.{{ key }}
    where key_fingerprints.{{ key }} is null

),

gone as (

    select built.*
    from {{ this }} as built
    inner join gone_keys on built.key_hash = gone_keys.key_hash

),

{% endif -%}
latest_rows as (

    select
        {{ key }},
        coalesce({{ id }}, {{ key }}) as {{ id }},
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        case when {{ id }} is null then 1 else 0 end as is_missing_key,
        source_row_count,
        source_hash
    from single_rows

    union all

    select
        {{ key }},
        coalesce({{ id }}, {{ key }}) as {{ id }},
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        case when {{ id }} is null then 1 else 0 end as is_missing_key,
        source_row_count,
        source_hash
    from repeated_rows
    where version_rank = 1
    {%- if is_incremental() %}

    union all

    select
        {{ key }},
        {{ id }},
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        is_missing_key,
        0 as source_row_count,
        source_hash
    from gone
    {%- endif %}

),
{%- if read_columns %}

read_rows as (

    select
        *,
        {{ row_hash(read_columns) }} as read_hash
    from latest_rows

),
{%- endif %}

latest as (

    select
        latest_rows.*,
        {{ row_fingerprint(['latest_rows.' ~ key]) }} as key_hash,
        {%- if read_columns and is_incremental() %}
        case
            when built_touched.read_hash = latest_rows.read_hash then built_touched.read_build
            else next_build.build_number
        end as read_build,
        {%- elif read_columns %}
        next_build.build_number as read_build,
        {%- endif %}
        next_build.build_number
    from {{ 'read_rows' if read_columns else 'latest_rows' }} as latest_rows
    cross join next_build
    {%- if read_columns and is_incremental() %}
    left join built_touched on latest_rows.{{ key }} = built_touched.{{ key }}
    {%- endif %}

)
{%- endmacro -%}
