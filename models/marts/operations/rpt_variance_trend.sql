{%- set compared_domains = ['msp', 'revenue'] | select('in', enabled_domains()) | list -%}

with

settings as (

    select * from {{ ref('int_run_settings') }}

),
{% if 'msp' in compared_domains %}
msp_variances as (

    select * from {{ ref('rpt_msp_invoice_variance') }}

),

msp_months as (

    select
        'msp' as domain,
        billing_month as period,
        sum(calculated_gbp) as expected_amount,
        sum(invoiced_gbp) as actual_amount,
        count(*) as compared_count,
        sum(case when cause = 'matched' then 1 else 0 end) as matched_count
    from msp_variances
    group by billing_month

),
{% endif %}
{%- if 'revenue' in compared_domains %}
revenue_reconciliation as (

    select * from {{ ref('rpt_revenue_reconciliation_monthly') }}

),

revenue_months as (

    select
        'revenue' as domain,
        revenue_month as period,
        sum(booked_amount) as expected_amount,
        sum(recognized_amount) as actual_amount,
        sum(deal_count) as compared_count,
        sum(matched_deals) as matched_count
    from revenue_reconciliation
    group by revenue_month

),
{% endif %}
compared_months as (

    {% for domain in compared_domains -%}
    select * from {{ domain }}_months
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as nvarchar(20)) as domain,
        cast(null as date) as period,
        cast(null as decimal(18, 2)) as expected_amount,
        cast(null as decimal(18, 2)) as actual_amount,
        cast(null as bigint) as compared_count,
        cast(null as bigint) as matched_count
    where 1 = 0
    {% endfor %}

),

in_the_window as (

    select
        compared_months.*,
        case when compared_months.domain = 'msp' then 'GBP' else settings.reporting_currency end as currency_code,
        case when compared_months.period = settings.as_of_month then 1 else 0 end as is_in_progress
    from compared_months
    cross join settings
    where
        compared_months.period <= settings.as_of_month
        and {{ months_between('compared_months.period', 'settings.as_of_month') }} < settings.rolling_months

),

final as (

    select
        cast(domain as nvarchar(20)) as domain,
        cast(period as date) as period,
        cast(currency_code as nvarchar(3)) as currency_code,
        cast(expected_amount as decimal(18, 2)) as expected_amount,
        cast(actual_amount as decimal(18, 2)) as actual_amount,
        cast(actual_amount - expected_amount as decimal(18, 2)) as variance_amount,
        cast(compared_count as bigint) as compared_count,
        cast(matched_count as bigint) as matched_count,
        cast({{ ratio('matched_count', 'compared_count') }} as decimal(28, 6)) as match_rate,
        {{ as_flag('is_in_progress') }} as is_in_progress
    from in_the_window

)

select * from final
