{{ data_quality_failures([
    {
        'parent': ref('stg_analytics__deals'),
        'table_name': 'deals',
        'record_id': 'deal_id',
        'counts_copies': true,
        'rules': {
            'completeness': [
                'missing_key', 'missing_customer_id', 'missing_contract_value', 'missing_booked_on',
                'missing_deal_status', 'missing_currency_code', 'missing_revenue_type',
            ],
            'validity': ['unknown_deal_status'],
            'consistency': ['end_before_start', 'cancelled_without_date', 'cancelled_before_booked'],
            'timeliness': ['updated_before_booked'],
        },
    },
    {
        'parent': ref('int_revenue_deals'),
        'table_name': 'deals',
        'record_id': 'deal_id',
        'rules': {
            'validity': ['unknown_revenue_type', 'unknown_currency_code', 'invalid_duration'],
        },
    },
    {
        'parent': ref('stg_accounting__revenue_entries'),
        'table_name': 'revenue_entries',
        'record_id': 'entry_id',
        'has_millions': true,
        'counts_copies': true,
        'rules': {
            'completeness': [
                'missing_key', 'missing_deal_id', 'missing_recognition_period', 'missing_recognized_amount',
                'missing_posted_at', 'missing_currency_code', 'missing_revenue_type',
            ],
            'validity': ['unknown_entry_type', 'recognition_period_not_first_day'],
            'timeliness': ['posted_late'],
        },
    },
    {
        'parent': ref('int_revenue_entries'),
        'table_name': 'revenue_entries',
        'record_id': 'entry_id',
        'has_millions': true,
        'rules': {
            'uniqueness': ['reposted_entry'],
            'validity': ['unknown_revenue_type', 'missing_fx_rate'],
            'consistency': ['orphan_deal'],
        },
    },
]) }}
