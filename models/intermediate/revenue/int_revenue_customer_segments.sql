with

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

spellings as (

    select
        segment_key,
        {{ sort_key('customer_segment') }} as customer_segment,
        count(*) as deal_count
    from deals
    group by segment_key, {{ sort_key('customer_segment') }}

),

ranked as (

    select
        segment_key,
        customer_segment,
        row_number() over (
            partition by segment_key
            order by deal_count desc, {{ sort_key('customer_segment') }} desc
        ) as spelling_rank
    from spellings

),

chosen as (

    select
        segment_key,
        case when segment_key = 'UNKNOWN' then 'Unknown' else customer_segment end as customer_segment
    from ranked
    where spelling_rank = 1

)

select * from chosen
