{{ config(indexes=index_on(['domain', 'table_name']), cluster_by=['domain', 'table_name']) }}

with
{% for domain in enabled_domains() %}
{{ domain }} as (

    select * from {{ ref('int_' ~ domain ~ '_data_quality_failures') }}

),
{% endfor %}
failures as (

    {% for domain in enabled_domains() -%}
    select
        '{{ domain }}' as domain,
        table_name,
        dimension,
        rule_name,
        record_id,
        failed_rows
    from {{ domain }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        cast(domain as nvarchar(20)) as domain,
        cast(table_name as nvarchar(50)) as table_name,
        cast(dimension as nvarchar(20)) as dimension,
        cast(rule_name as nvarchar(50)) as rule_name,
        cast(record_id as nvarchar(255)) as record_id,
        cast(failed_rows as integer) as failed_rows
    from failures

)

select * from final
