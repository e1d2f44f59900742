with

cases as (

    select * from {{ ref('stg_support__support_cases') }}

),

spellings as (
    {%- for field in ['region', 'product', 'queue'] %}

    select
        '{{ field }}' as field,
        upper({{ field }}) as label_key,
        min({{ sort_key(field) }}) as label
    from cases
    group by upper({{ field }})
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

labels as (

    select
        field,
        label_key,
        case when label_key = 'UNKNOWN' then 'Unknown' else label end as label
    from spellings

)

select * from labels
