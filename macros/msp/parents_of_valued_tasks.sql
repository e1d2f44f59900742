{#- What tasks are valued by: the models they are joined from, by the name each has in int_msp_service_tasks_valued, and the
    column that tells which of their rows are to be looked at again. -#}
{%- macro parents_of_valued_tasks() -%}
    {{- return({
        'task': {'model': 'stg_service_desk__service_tasks', 'build': 'build_number'},
        'ticket': {'model': 'stg_service_desk__service_tickets', 'build': 'read_build'},
        'asset': {'model': 'stg_service_desk__hardware_assets', 'build': 'read_build'},
        'software_request': {'model': 'stg_service_desk__software_requests', 'build': 'read_build'},
    }) -}}
{%- endmacro -%}
