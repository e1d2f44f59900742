{#- CTEs that follow one called `cleaned` and end in `latest`: of several rows of one key the newest `updated_at` wins
    (contract, section 1). A row without a key is kept under '(none)-1', '(none)-2', ...
    On an incremental run only keys whose rows changed since the last one go through.

    `cleaned` must hold: the trimmed id, updated_at, and row_hash over all its columns.
    `latest` holds all of `cleaned`, the id never null, plus
      <key>             the id as it is compared (case-blind)
      source_row_count  raw rows of this key
      source_hash       fingerprint of all of them
      is_missing_key    1 where the raw row had no key
    tie_breakers: columns that decide, greatest first, where updated_at is the same; then the id that sorts first. -#}
{%- macro latest_version_of_each_key(id, key, columns, tie_breakers=[], newest='updated_at') -%}
{%- set order_by -%}
case when {{ newest }} is null then 1 else 0 end, {{ newest }} desc
            {%- for column in tie_breakers %}, case when {{ column }} is null then 1 else 0 end, {{ column }} desc{% endfor %}, {{ sort_key(id) }}, row_hash
{%- endset -%}
without_key as (

    select
        cleaned.*,
        concat('(none)-', cast(row_number() over (order by {{ order_by }}) as nvarchar(20))) as {{ key }}
    from cleaned
    where {{ id }} is null

),

keyed as (

    select
        cleaned.*,
        upper({{ id }}) as {{ key }}
    from cleaned
    where {{ id }} is not null

    union all

    select * from without_key

),

key_fingerprints as (

    select
        {{ key }},
        count(*) as source_row_count,
        sum(row_hash) as source_hash
    from keyed
    group by {{ key }}

),

changed_keys as (

    select key_fingerprints.*
    from key_fingerprints
    {%- if is_incremental() %}
    left join {{ this }} as already_built
        on
            already_built.{{ key }} = key_fingerprints.{{ key }}
            and already_built.source_row_count = key_fingerprints.source_row_count
            and already_built.source_hash = key_fingerprints.source_hash
    where already_built.{{ key }} is null
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

latest as (

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

)
{%- endmacro -%}
