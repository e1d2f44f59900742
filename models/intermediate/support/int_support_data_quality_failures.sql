{{ data_quality_failures([
    {
        'parent': ref('stg_support__support_cases'),
        'table_name': 'support_cases',
        'record_id': 'case_id',
        'counts_copies': true,
        'rules': {
            'completeness': [
                'missing_key', 'missing_priority', 'missing_created_at', 'missing_case_status', 'missing_resolved_at',
            ],
            'validity': ['unknown_case_status'],
            'consistency': [
                'first_response_before_creation', 'resolved_before_creation', 'closed_before_resolved',
                'resolved_while_open',
            ],
            'timeliness': ['updated_before_created'],
        },
    },
    {
        'parent': ref('int_support_case_histories'),
        'table_name': 'support_cases',
        'record_id': 'case_id',
        'rules': {
            'completeness': ['missing_events'],
            'validity': ['created_outside_calendar'],
            'consistency': [
                'events_out_of_order', 'events_repeat_a_status', 'status_contradicts_events',
                'resolution_without_event', 'reopened_count_contradicts_events',
            ],
        },
    },
    {
        'parent': ref('int_support_case_events'),
        'table_name': 'support_case_events',
        'record_id': 'event_id',
        'counts_copies': true,
        'rules': {
            'completeness': ['missing_key', 'missing_case_id', 'missing_case_status', 'missing_occurred_at'],
            'validity': ['unknown_case_status'],
            'consistency': ['orphan_case', 'event_before_creation'],
        },
    },
]) }}
