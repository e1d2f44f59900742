{%- set series = [('total', "'all'"), ('region', 'region'), ('priority', 'priority'), ('queue', 'queue')] -%}

with

settings as (

    select * from {{ ref('int_run_settings') }}

),

cases as (

    select * from {{ ref('int_support_cases') }}

),

histories as (

    select * from {{ ref('int_support_case_histories') }}

),

resolved_in_window as (

    select
        cases.region,
        cases.priority,
        cases.queue,
        case
            when cases.reopened_count > 0 then 1
            when cases.reopened_count is null and histories.first_reopened_at <= settings.as_of then 1
            else 0
        end as is_reopened
    from cases
    cross join settings
    left join histories on cases.case_key = histories.case_key
    where
        cases.created_at <= settings.as_of
        and cases.resolution_at > {{ add_seconds('settings.as_of', '-86400 * settings.kpi_window_days') }}
        and cases.resolution_at <= settings.as_of

),

in_series as (
    {%- for dimension, dimension_value in series %}
    {%- if not loop.first %}

    union all
    {%- endif %}

    select
        '{{ dimension }}' as dimension,
        {{ dimension_value }} as dimension_value,
        is_reopened
    from resolved_in_window
    {%- endfor %}

),

totals as (

    select
        dimension,
        dimension_value,
        count(*) as resolved_cases,
        sum(is_reopened) as reopened_cases
    from in_series
    group by dimension, dimension_value

),

final as (

    select
        cast(dimension as nvarchar(20)) as dimension,
        cast(dimension_value as nvarchar(255)) as dimension_value,
        cast(resolved_cases as integer) as resolved_cases,
        cast(reopened_cases as integer) as reopened_cases,
        cast({{ ratio('reopened_cases', 'resolved_cases') }} as decimal(28, 6)) as reopen_rate
    from totals

)

select * from final
