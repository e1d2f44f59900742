with

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

-- One pass for the three fields: what is counted below is small.
combinations as (

    select
        segment_key,
        {{ sort_key('customer_segment') }} as customer_segment,
        region_key,
        {{ sort_key('sales_region') }} as sales_region,
        rep_key,
        {{ sort_key('sales_rep') }} as sales_rep,
        count(*) as deal_count
    from deals
    group by
        segment_key,
        {{ sort_key('customer_segment') }},
        region_key,
        {{ sort_key('sales_region') }},
        rep_key,
        {{ sort_key('sales_rep') }}

),

spellings as (
    {%- for field, label_key in [
        ('customer_segment', 'segment_key'),
        ('sales_region', 'region_key'),
        ('sales_rep', 'rep_key')
    ] %}

    select
        '{{ field }}' as field,
        {{ label_key }} as label_key,
        {{ sort_key(field) }} as label,
        sum(deal_count) as deal_count
    from combinations
    group by {{ label_key }}, {{ sort_key(field) }}
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

ranked as (

    select
        field,
        label_key,
        label,
        row_number() over (
            partition by field, label_key
            order by deal_count desc, {{ sort_key('label') }} desc
        ) as spelling_rank
    from spellings

),

chosen as (

    select
        field,
        label_key,
        case when label_key = 'UNKNOWN' then 'Unknown' else label end as label
    from ranked
    where spelling_rank = 1

)

select * from chosen
