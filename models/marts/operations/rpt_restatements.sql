{%- set closed_domains = ['msp', 'revenue'] | select('in', enabled_domains()) | list -%}

with
{% for domain in closed_domains %}
{{ domain }}_restatements as (

    select * from {{ ref('int_' ~ domain ~ '_restatements') }}

),
{% endfor %}
restatements as (

    {% for domain in closed_domains -%}
    select
        '{{ domain }}' as domain,
        period,
        measure,
        subject,
        value_as_closed,
        value_now,
        cause
    from {{ domain }}_restatements
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as nvarchar(20)) as domain,
        cast(null as date) as period,
        cast(null as nvarchar(600)) as measure,
        cast(null as nvarchar(255)) as subject,
        cast(null as decimal(18, 4)) as value_as_closed,
        cast(null as decimal(18, 4)) as value_now,
        cast(null as nvarchar(20)) as cause
    where 1 = 0
    {% endfor %}

),

final as (

    select
        cast(domain as nvarchar(20)) as domain,
        cast(period as date) as period,
        cast(measure as nvarchar(600)) as measure,
        cast(subject as nvarchar(255)) as subject,
        cast(value_as_closed as decimal(18, 4)) as value_as_closed,
        cast(value_now as decimal(18, 4)) as value_now,
        cast(value_now - value_as_closed as decimal(18, 4)) as change,
        cast(cause as nvarchar(20)) as cause
    from restatements

)

select * from final
