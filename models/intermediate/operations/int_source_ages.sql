{#- The moments that show a table to be alive: when something happened in it, and when it was last changed. -#}
{%- set moments = {
    'msp': {
        'stg_service_desk__service_tickets': ['opened_at', 'closed_at', 'updated_at'],
        'stg_service_desk__service_tasks': ['started_at', 'completed_at', 'updated_at'],
        'stg_service_desk__hardware_assets': ['updated_at'],
        'stg_service_desk__software_requests': ['requested_at', 'updated_at'],
        'stg_msp_billing__msp_invoice_lines': ['received_on', 'updated_at'],
    },
    'revenue': {
        'stg_analytics__deals': ['booked_on', 'updated_at'],
        'stg_accounting__revenue_entries': ['posted_at', 'updated_at'],
    },
    'support': {
        'stg_support__support_cases': ['created_at', 'updated_at'],
        'stg_support__support_case_events': ['occurred_at'],
    },
} -%}
with

settings as (

    select * from {{ ref('int_run_settings') }}

),

limits as (

    select * from {{ ref('stg_reference__source_freshness') }}

),

-- Each table is read where it stands: DuckDB would write out a CTE that is used several times.
newest_by_column as (

    {% for domain in enabled_domains() %}
    {%- set last_domain = loop.last %}
    {%- for model, columns in moments[domain].items() %}
    {%- set last_model = loop.last %}
    {%- set table = model.split('__')[1] %}
    {%- for column in columns %}
    select
        '{{ domain }}' as domain,
        '{{ table }}' as table_name,
        max(cast({{ table }}.{{ column }} as {{ dbt.type_timestamp() }})) as newest_at
    from {{ ref(model) }} as {{ table }}
    inner join settings on {{ table }}.{{ column }} <= settings.as_of

    {{ 'union all' if not (last_domain and last_model and loop.last) }}

    {% endfor %}
    {%- endfor %}
    {%- endfor %}
),

newest as (

    select
        domain,
        table_name,
        max(newest_at) as newest_at
    from newest_by_column
    group by domain, table_name

),

aged as (

    select
        newest.domain,
        newest.table_name,
        newest.newest_at,
        {{ seconds_between('newest.newest_at', 'settings.as_of') }} as age_seconds
    from newest
    cross join settings

),

judged as (

    select
        cast(aged.domain as nvarchar(20)) as domain,
        cast(aged.table_name as nvarchar(50)) as table_name,
        aged.newest_at,
        {{ divide_rounded('aged.age_seconds', '3600') }} as age_hours,
        limits.max_age_hours,
        limits.severity,
        case
            when limits.max_age_hours is null then 0
            when aged.newest_at is null then 1
            when aged.age_seconds > 3600 * cast(limits.max_age_hours as bigint) then 1
            else 0
        end as is_stale
    from aged
    left join limits on aged.table_name = limits.table_name

)

select * from judged
