{{ data_quality_failures([
    {
        'parent': ref('stg_service_desk__service_tickets'),
        'table_name': 'service_tickets',
        'record_id': 'ticket_id',
        'has_millions': true,
        'counts_copies': true,
        'rules': {
            'completeness': ['missing_key', 'missing_ticket_type', 'missing_opened_at'],
            'validity': ['unknown_ticket_type'],
            'consistency': ['closed_before_opened'],
            'timeliness': ['updated_before_opened'],
        },
    },
    {
        'parent': ref('stg_service_desk__service_tasks'),
        'table_name': 'service_tasks',
        'record_id': 'task_id',
        'has_millions': true,
        'counts_copies': true,
        'rules': {
            'completeness': [
                'missing_key', 'missing_ticket_id', 'missing_task_status', 'missing_completion_method', 'missing_completed_at',
            ],
            'validity': ['unknown_task_status', 'non_positive_quantity'],
            'consistency': ['completed_before_started'],
            'timeliness': ['updated_before_completed'],
        },
    },
    {
        'parent': ref('int_msp_service_tasks_valued'),
        'table_name': 'service_tasks',
        'record_id': 'task_id',
        'has_millions': true,
        'rules': {
            'validity': ['unknown_completion_method', 'no_rate_on_completion_day'],
            'consistency': ['orphan_ticket', 'orphan_asset', 'orphan_software_request'],
        },
    },
    {
        'parent': ref('stg_service_desk__hardware_assets'),
        'table_name': 'hardware_assets',
        'record_id': 'asset_tag',
        'counts_copies': true,
        'rules': {
            'completeness': ['missing_key', 'missing_asset_type'],
        },
    },
    {
        'parent': ref('stg_service_desk__software_requests'),
        'table_name': 'software_requests',
        'record_id': 'software_request_id',
        'counts_copies': true,
        'rules': {
            'completeness': ['missing_key', 'missing_product', 'missing_requested_at'],
        },
    },
    {
        'parent': ref('int_msp_software_requests_joined'),
        'table_name': 'software_requests',
        'record_id': 'software_request_id',
        'rules': {
            'consistency': ['orphan_ticket'],
        },
    },
    {
        'parent': ref('stg_msp_billing__msp_invoice_lines'),
        'table_name': 'msp_invoice_lines',
        'record_id': 'invoice_line_id',
        'counts_copies': true,
        'rules': {
            'completeness': [
                'missing_key', 'missing_billing_month', 'missing_environment', 'missing_tier', 'missing_amount_gbp',
            ],
            'validity': ['billing_month_not_first_day'],
            'timeliness': ['received_late'],
        },
    },
    {
        'parent': ref('int_msp_invoice_lines'),
        'table_name': 'msp_invoice_lines',
        'record_id': 'invoice_line_id',
        'rules': {
            'validity': ['unknown_environment', 'unknown_tier'],
        },
    },
]) }}
