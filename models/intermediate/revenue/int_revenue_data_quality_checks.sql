{{ data_quality_checks([
    (ref('stg_analytics__deals'), 'deals'),
    (ref('stg_accounting__revenue_entries'), 'revenue_entries'),
]) }}
