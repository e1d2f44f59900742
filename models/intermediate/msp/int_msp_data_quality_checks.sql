{%- set tables = [
    (ref('stg_service_desk__service_tickets'), 'service_tickets'),
    (ref('stg_service_desk__service_tasks'), 'service_tasks'),
    (ref('stg_service_desk__hardware_assets'), 'hardware_assets'),
    (ref('stg_service_desk__software_requests'), 'software_requests'),
    (ref('stg_msp_billing__msp_invoice_lines'), 'msp_invoice_lines'),
] -%}

with

counted as (
    {% for relation, table_name in tables %}
    {% if not loop.first %}union all{% endif %}
    select
        '{{ table_name }}' as table_name,
        count(*) as checked_rows,
        coalesce(sum(source_row_count), 0) as source_rows
    from {{ relation }}
    {%- endfor %}

),

checks as (

    select
        cast(table_name as nvarchar(50)) as table_name,
        cast(checked_rows as bigint) as checked_rows,
        cast(source_rows as bigint) as source_rows
    from counted

)

select * from checks
