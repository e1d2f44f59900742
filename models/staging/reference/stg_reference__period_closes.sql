with

period_closes as (

    select * from {{ ref('period_closes') }}

),

cleaned as (

    select
        lower({{ trimmed('domain') }}) as domain,
        {{ month_start('period') }} as period,
        closed_on,
        {{ trimmed('closed_by') }} as closed_by
    from period_closes
    where period is not null and closed_on is not null

),

first_closing as (

    select
        domain,
        period,
        min(closed_on) as closed_on
    from cleaned
    group by domain, period

)

select * from first_closing
