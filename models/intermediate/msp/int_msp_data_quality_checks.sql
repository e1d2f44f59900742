{{ data_quality_checks([
    (ref('stg_service_desk__service_tickets'), 'service_tickets'),
    (ref('stg_service_desk__service_tasks'), 'service_tasks'),
    (ref('stg_service_desk__hardware_assets'), 'hardware_assets'),
    (ref('stg_service_desk__software_requests'), 'software_requests'),
    (ref('stg_msp_billing__msp_invoice_lines'), 'msp_invoice_lines'),
]) }}
