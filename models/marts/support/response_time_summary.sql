{%- set series = [('total', "'all'"), ('region', 'region'), ('priority', 'priority'), ('queue', 'queue')] -%}

with

settings as (

    select * from {{ ref('int_run_settings') }}

),

case_sla as (

    select * from {{ ref('fct_support_case_sla') }}

),

finished_in_window as (

    select
        case_sla.region,
        case_sla.priority,
        case_sla.queue,
        case_sla.metric,
        case_sla.elapsed_seconds,
        case
            when case_sla.finished_at > case_sla.created_at
                then {{ seconds_between('case_sla.created_at', 'case_sla.finished_at') }}
            else 0
        end as wall_seconds
    from case_sla
    cross join settings
    where
        case_sla.finished_at > {{ add_seconds('settings.as_of', '-86400 * settings.kpi_window_days') }}
        and case_sla.finished_at <= settings.as_of

),

in_series as (
    {%- for dimension, dimension_value in series %}
    {%- if not loop.first %}

    union all
    {%- endif %}

    select
        '{{ dimension }}' as dimension,
        {{ dimension_value }} as dimension_value,
        metric,
        elapsed_seconds,
        wall_seconds
    from finished_in_window
    {%- endfor %}

),

numbered as (

    select
        *,
        row_number() over (partition by dimension, dimension_value, metric order by elapsed_seconds) as time_rank,
        count(*) over (partition by dimension, dimension_value, metric) as case_count
    from in_series

),

totals as (

    select
        dimension,
        dimension_value,
        metric,
        count(*) as case_count,
        {%- for percent in [50, 90, 95] %}
        max(
            case
                when
                    {{ is_nearest_rank(percent, 'time_rank', 'case_count') }}
                    then elapsed_seconds
            end
        ) as p{{ percent }}_elapsed_seconds,
        {%- endfor %}
        sum(elapsed_seconds) as elapsed_seconds,
        sum(cast(wall_seconds as bigint)) as wall_seconds
    from numbered
    group by dimension, dimension_value, metric

),

final as (

    select
        cast(dimension as nvarchar(20)) as dimension,
        cast(dimension_value as nvarchar(255)) as dimension_value,
        cast(metric as nvarchar(20)) as metric,
        cast(case_count as integer) as case_count,
        {%- for percent in [50, 90, 95] %}
        cast({{ divide_rounded('p' ~ percent ~ '_elapsed_seconds', '3600', 6, 'decimal(18, 6)') }} as decimal(18, 6))
            as p{{ percent }}_elapsed_hours,
        {%- endfor %}
        cast({{ divide_rounded('elapsed_seconds', '(3600 * case_count)', 6, 'decimal(18, 6)') }} as decimal(18, 6))
            as mean_elapsed_hours,
        cast({{ divide_rounded('wall_seconds', '(3600 * case_count)', 6, 'decimal(18, 6)') }} as decimal(18, 6))
            as mean_wall_hours
    from totals

)

select * from final
