{%- set compared_domains = ['msp', 'revenue'] | select('in', enabled_domains()) | list -%}

with

settings as (

    select * from {{ ref('int_run_settings') }}

),
{% if 'msp' in compared_domains %}
msp_variances as (

    select
        'msp' as domain,
        billing_month as period,
        cause,
        severity,
        variance_gbp as variance_amount
    from {{ ref('rpt_msp_invoice_variance') }}

),
{% endif %}
{%- if 'revenue' in compared_domains %}
revenue_variances as (

    select
        'revenue' as domain,
        revenue_month as period,
        cause,
        severity,
        variance_amount_reporting as variance_amount
    from {{ ref('fct_revenue_variance') }}

),
{% endif %}
variances as (

    {% for domain in compared_domains -%}
    select * from {{ domain }}_variances
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as nvarchar(20)) as domain,
        cast(null as date) as period,
        cast(null as nvarchar(30)) as cause,
        cast(null as nvarchar(20)) as severity,
        cast(null as decimal(18, 2)) as variance_amount
    where 1 = 0
    {% endfor %}

),

differences as (

    select
        variances.*,
        settings.reporting_currency
    from variances
    cross join settings
    where
        variances.cause <> 'matched'
        and variances.period <= settings.as_of_month
        and {{ months_between('variances.period', 'settings.as_of_month') }} < settings.rolling_months

),

by_cause as (

    select
        domain,
        cause,
        max(case when domain = 'msp' then 'GBP' else reporting_currency end) as currency_code,
        count(*) as difference_count,
        sum(case when severity = 'critical' then 1 else 0 end) as critical_count,
        sum(case when severity = 'warning' then 1 else 0 end) as warning_count,
        coalesce(sum(abs(variance_amount)), 0) as absolute_amount,
        coalesce(sum(variance_amount), 0) as net_amount
    from differences
    group by domain, cause

),

final as (

    select
        cast(domain as nvarchar(20)) as domain,
        cast(cause as nvarchar(30)) as cause,
        cast(currency_code as nvarchar(3)) as currency_code,
        cast(difference_count as bigint) as difference_count,
        cast(critical_count as bigint) as critical_count,
        cast(warning_count as bigint) as warning_count,
        cast(absolute_amount as decimal(18, 2)) as absolute_amount,
        cast(net_amount as decimal(18, 2)) as net_amount
    from by_cause

)

select * from final
