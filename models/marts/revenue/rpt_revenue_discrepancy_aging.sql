with

discrepancies as (

    select * from {{ ref('rpt_revenue_discrepancies') }}

),

aged as (

    select
        age_bucket,
        cause,
        count(*) as open_count,
        sum(amount) as open_amount,
        min(first_seen_at) as oldest_first_seen_at,
        max(age_days) as oldest_age_days
    from discrepancies
    where discrepancy_status = 'open'
    group by age_bucket, cause

),

final as (

    select
        cast(age_bucket as nvarchar(20)) as age_bucket,
        cast(cause as nvarchar(30)) as cause,
        cast(open_count as bigint) as open_count,
        cast(open_amount as decimal(18, 2)) as open_amount,
        cast(oldest_age_days as integer) as oldest_age_days,
        cast(oldest_first_seen_at as {{ dbt.type_timestamp() }}) as oldest_first_seen_at
    from aged

)

select * from final
