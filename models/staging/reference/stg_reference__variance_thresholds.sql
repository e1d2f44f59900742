with

seed as (

    select * from {{ ref('variance_thresholds') }}

),

cleaned as (

    select
        lower({{ trimmed('domain') }}) as domain,
        lower({{ trimmed('severity') }}) as severity,
        min_pct,
        min_amount
    from seed

),

ranked as (

    select
        domain,
        severity,
        min_pct,
        min_amount,
        case severity
            when 'info' then 1
            when 'warning' then 2
            when 'critical' then 3
        end as severity_rank
    from cleaned
    where domain is not null and severity is not null

)

select * from ranked
