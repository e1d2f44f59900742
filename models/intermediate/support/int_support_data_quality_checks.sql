{{ data_quality_checks([
    (ref('stg_support__support_cases'), 'support_cases'),
    (ref('stg_support__support_case_events'), 'support_case_events'),
]) }}
