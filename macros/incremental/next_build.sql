{#- CTE `next_build`, of one row: the number of this build of an incremental model (`this`), greater than that of any
    build of it before. A row keeps the number of the build that wrote it last (build_number), so that a model which reads
    millions finds the few it has not seen. Numbers of two models are not compared. They begin anew with a table that is
    built anew, above all numbers it had before, for which the start of the run serves: no figure depends on it. -#}
{%- macro next_build() -%}
{%- set started_at = (run_started_at.timestamp() * 1000000) | int -%}
next_build as (

    select
        {%- if is_incremental() %}
        cast(
            case when max(build_number) >= {{ started_at }} then max(build_number) + 1 else {{ started_at }} end as bigint
        ) as build_number
    from {{ this }}
        {%- else %}
        cast({{ started_at }} as bigint) as build_number
        {%- endif %}

)
{%- endmacro -%}

{#- Aggregate of a parent: the number of its last build, to be kept by the model that reads it; 0 where it is empty. -#}
{%- macro last_build(build_number='build_number') -%}
    coalesce(max({{ build_number }}), 0)
{%- endmacro -%}

{#- What of `parent` was not seen by the model whose table `seen_in` is, which keeps the last build it saw in its column
    seen_build:
      after    rows with a greater build_number (or another such column) are new or changed
      is_all   whether that is all of them, as the parent was built anew, or none was seen: what it no longer has is then kept
               nowhere (int_removed_keys)
    A number in the statement, asked for before: an engine then knows how little it is about to read, and where it lies. -#}
{%- macro unseen_since(parent, seen_in, seen_build, build_number='build_number') -%}
    {%- if not execute -%}{{- return({'after': -1, 'is_all': true}) -}}{%- endif -%}
    {%- set asked -%}
        select
            seen.seen_build,
            bounds.first_build,
            bounds.last_build
        from (select max({{ seen_build }}) as seen_build from {{ seen_in }}) as seen
        cross join (
            select
                coalesce(min({{ build_number }}), 0) as first_build,
                {{ last_build(build_number) }} as last_build
            from {{ parent }}
        ) as bounds
    {%- endset -%}
    {%- set seen, first, last = run_query(asked).rows[0].values() -%}
    {%- set is_known = seen is not none and first <= seen and seen <= last -%}
    {{- return({'after': seen | int if is_known else -1, 'is_all': not is_known}) -}}
{%- endmacro -%}
