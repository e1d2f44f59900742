with

source_freshness as (

    select * from {{ ref('source_freshness') }}

),

cleaned as (

    select
        lower({{ trimmed('table_name') }}) as table_name,
        max_age_hours,
        lower({{ trimmed('severity') }}) as severity
    from source_freshness

)

select * from cleaned
