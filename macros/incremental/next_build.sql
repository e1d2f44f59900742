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

{#- CTE `<name>_unseen`, of one row: what of `parent` was not seen by a model that knows its builds up to seen_build, a
    column of the CTE seen_builds. Rows with a build_number (or another such column) above `after_build` are new or changed.
    is_built_anew: 1 where that is all of them, since the parent was built anew, or none was seen: what it no longer has is
    then kept nowhere (int_removed_keys). -#}
{%- macro unseen_builds(name, parent, seen_build, build_number='build_number') -%}
{{ name }}_bounds as (

    select
        coalesce(min({{ build_number }}), 0) as first_build,
        {{ last_build(build_number) }} as last_build
    from {{ parent }}

),

{{ name }}_unseen as (

    select
        case when is_known = 1 then seen_build else -1 end as after_build,
        1 - is_known as is_built_anew
    from (
        select
            seen_builds.{{ seen_build }} as seen_build,
            case
                when
                    {{ name }}_bounds.first_build <= seen_builds.{{ seen_build }}
                    and {{ name }}_bounds.last_build >= seen_builds.{{ seen_build }}
                    then 1
                else 0
            end as is_known
        from seen_builds
        cross join {{ name }}_bounds
    ) as compared

)
{%- endmacro -%}
