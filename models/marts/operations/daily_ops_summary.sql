{#- Figures of a day stand beside yesterday's and the mean of the same weekday; the others belong to no day. -#}
{%- set daily_figures = {
    'msp': [
        ('msp_tasks_completed', 'bigint', 'decimal(28, 1)'),
        ('msp_activity_points', 'decimal(18, 4)', 'decimal(28, 4)'),
        ('msp_amount_gbp', 'decimal(18, 2)', 'decimal(28, 2)'),
    ],
    'revenue': [
        ('revenue_deals_won', 'bigint', 'decimal(28, 1)'),
        ('revenue_entries_posted', 'bigint', 'decimal(28, 1)'),
    ],
    'support': [
        ('support_cases_created', 'bigint', 'decimal(28, 1)'),
        ('support_cases_resolved', 'bigint', 'decimal(28, 1)'),
        ('support_backlog_net_change', 'bigint', 'decimal(28, 1)'),
        ('support_open_backlog', 'bigint', 'decimal(28, 1)'),
        ('support_backlog_growth_pct', 'decimal(28, 6)', 'decimal(28, 6)'),
        ('support_cases_at_risk', 'bigint', 'decimal(28, 1)'),
        ('support_open_breaches', 'bigint', 'decimal(28, 1)'),
        ('support_first_response_compliance_pct', 'decimal(28, 6)', 'decimal(28, 6)'),
        ('support_resolution_compliance_pct', 'decimal(28, 6)', 'decimal(28, 6)'),
    ],
} -%}
{%- set figures = {
    'msp': [
        ('msp_tasks_month_to_date', 'bigint'),
        ('msp_activity_points_month_to_date', 'decimal(18, 4)'),
        ('msp_amount_gbp_month_to_date', 'decimal(18, 2)'),
        ('msp_calculated_gbp_last_month', 'decimal(18, 2)'),
        ('msp_invoiced_gbp_last_month', 'decimal(18, 2)'),
        ('msp_variance_gbp_last_month', 'decimal(18, 2)'),
        ('msp_invoice_differences', 'bigint'),
    ],
    'revenue': [
        ('revenue_booked_last_month', 'decimal(18, 2)'),
        ('revenue_recognized_last_month', 'decimal(18, 2)'),
        ('revenue_variance_last_month', 'decimal(18, 2)'),
        ('revenue_match_rate_last_month', 'decimal(28, 6)'),
        ('revenue_open_discrepancies', 'bigint'),
        ('revenue_open_amount', 'decimal(18, 2)'),
    ],
    'support': [],
} -%}

with

settings as (

    select * from {{ ref('int_run_settings') }}

),

data_quality_score as (

    select * from {{ ref('data_quality_score') }}

),

alerts as (

    select * from {{ ref('alerts') }}

),
{% for domain in enabled_domains() %}
{{ domain }}_figures as (

    select * from {{ ref('int_' ~ domain ~ '_headline_figures') }}

),

{{ domain }}_daily_figures as (

    select * from {{ ref('int_' ~ domain ~ '_daily_figures') }}

),
{% endfor %}
domain_scores as (

    select
        max(case when domain = 'msp' then score end) as data_quality_score_msp,
        max(case when domain = 'revenue' then score end) as data_quality_score_revenue,
        max(case when domain = 'support' then score end) as data_quality_score_support
    from data_quality_score
    where table_name = 'all' and dimension = 'overall'

),

alert_counts as (

    select
        coalesce(sum(case when severity = 'critical' then 1 else 0 end), 0) as alerts_critical,
        coalesce(sum(case when severity = 'warning' then 1 else 0 end), 0) as alerts_warning,
        coalesce(sum(case when severity = 'info' then 1 else 0 end), 0) as alerts_info
    from alerts

),

final as (

    select
        cast(settings.as_of_date as date) as day,
        cast(settings.as_of as {{ dbt.type_timestamp() }}) as as_of,
        {% for domain, columns in daily_figures.items() %}
        {%- for name, type, type_of_mean in columns %}
        {%- for column, column_type in [
            (name, type), (name ~ '_yesterday', type), (name ~ '_weekday_mean', type_of_mean)
        ] %}
        cast({{ domain ~ '_daily_figures.' ~ column if domain in enabled_domains() else 'null' }} as {{ column_type }})
            as {{ column }},
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        {% for domain, columns in figures.items() %}
        {%- for name, type in columns %}
        cast({{ domain ~ '_figures.' ~ name if domain in enabled_domains() else 'null' }} as {{ type }}) as {{ name }},
        {%- endfor %}
        {%- endfor %}
        {{ as_flag('support_figures.support_backlog_is_spike' if 'support' in enabled_domains() else 'null') }}
            as support_backlog_is_spike,
        cast(domain_scores.data_quality_score_msp as decimal(9, 4)) as data_quality_score_msp,
        cast(domain_scores.data_quality_score_revenue as decimal(9, 4)) as data_quality_score_revenue,
        cast(domain_scores.data_quality_score_support as decimal(9, 4)) as data_quality_score_support,
        cast(alert_counts.alerts_critical as bigint) as alerts_critical,
        cast(alert_counts.alerts_warning as bigint) as alerts_warning,
        cast(alert_counts.alerts_info as bigint) as alerts_info
    from settings
    cross join domain_scores
    cross join alert_counts
    {%- for domain in enabled_domains() %}
    cross join {{ domain }}_figures
    cross join {{ domain }}_daily_figures
    {%- endfor %}

)

select * from final
