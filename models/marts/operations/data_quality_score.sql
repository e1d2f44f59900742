with

failing_rows as (

    select * from {{ ref('dq_failing_rows') }}

),
{% for domain in enabled_domains() %}
{{ domain }}_checks as (

    select * from {{ ref('int_' ~ domain ~ '_data_quality_checks') }}

),
{% endfor %}
weights as (

    select * from {{ ref('stg_reference__data_quality_weights') }}

),

checks as (

    {% for domain in enabled_domains() -%}
    select
        '{{ domain }}' as domain,
        table_name,
        checked_rows,
        source_rows
    from {{ domain }}_checks
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

dimensions as (

    {% for dimension in ['completeness', 'uniqueness', 'validity', 'consistency', 'timeliness'] -%}
    select '{{ dimension }}' as dimension
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

weighted_dimensions as (

    select
        dimensions.dimension,
        cast(round(coalesce(weights.weight, 0) * 10000, 0) as bigint) as weight
    from dimensions
    left join weights on dimensions.dimension = weights.dimension

),

failed_by_record as (

    select
        table_name,
        dimension,
        record_id,
        -- A record may be a re-posting and have surplus copies besides: each is a row too many.
        case when dimension = 'uniqueness' then sum(failed_rows) else max(failed_rows) end as failed_rows
    from failing_rows
    group by table_name, dimension, record_id

),

failed_by_dimension as (

    select
        table_name,
        dimension,
        sum(cast(failed_rows as bigint)) as failed_rows
    from failed_by_record
    group by table_name, dimension

),

counted_by_table as (

    select
        checks.domain,
        checks.table_name,
        weighted_dimensions.dimension,
        weighted_dimensions.weight,
        case
            when weighted_dimensions.dimension = 'uniqueness' then checks.source_rows else checks.checked_rows
        end as checked_rows,
        coalesce(failed_by_dimension.failed_rows, 0) as failed_rows
    from checks
    cross join weighted_dimensions
    left join failed_by_dimension
        on
            checks.table_name = failed_by_dimension.table_name
            and weighted_dimensions.dimension = failed_by_dimension.dimension

),

counted as (

    select
        domain,
        table_name,
        dimension,
        weight,
        cast(checked_rows as bigint) as checked_rows,
        cast(failed_rows as bigint) as failed_rows
    from counted_by_table

    union all

    select
        domain,
        'all' as table_name,
        dimension,
        max(weight) as weight,
        cast(sum(checked_rows) as bigint) as checked_rows,
        cast(sum(failed_rows) as bigint) as failed_rows
    from counted_by_table
    group by domain, dimension

),

-- Scores are whole ten-thousandths rounded down, so that one bad row in ten million still keeps a table off 100.
scored as (

    select
        *,
        case
            when checked_rows = 0 then 1000000
            else {{ whole_quotient('1000000 * (checked_rows - failed_rows)', 'checked_rows') }}
        end as score_parts
    from counted

),

overall as (

    select
        domain,
        table_name,
        'overall' as dimension,
        sum(checked_rows) as checked_rows,
        sum(failed_rows) as failed_rows,
        sum(weight * score_parts) as weighted_parts,
        sum(weight) as total_weight
    from scored
    group by domain, table_name

),

all_scores as (

    select
        domain,
        table_name,
        dimension,
        checked_rows,
        failed_rows,
        score_parts
    from scored

    union all

    select
        domain,
        table_name,
        dimension,
        checked_rows,
        failed_rows,
        {{ whole_quotient('weighted_parts', 'total_weight') }} as score_parts
    from overall

),

final as (

    select
        cast(domain as nvarchar(20)) as domain,
        cast(table_name as nvarchar(50)) as table_name,
        cast(dimension as nvarchar(20)) as dimension,
        cast(checked_rows as bigint) as checked_rows,
        cast(failed_rows as bigint) as failed_rows,
        cast(cast(score_parts as decimal(18, 0)) * cast(0.0001 as decimal(5, 4)) as decimal(9, 4)) as score
    from all_scores

)

select * from final
