with

variances as (

    select * from {{ ref('fct_revenue_variance') }}

),

entries as (

    select * from {{ ref('int_revenue_entries') }}

),

thresholds as (

    select * from {{ ref('stg_reference__variance_thresholds') }}

),

fx_rates as (

    select * from {{ ref('stg_reference__fx_rates') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

revenue_thresholds as (

    select * from thresholds
    where domain = 'revenue'

),

ranked_variances as (

    select
        variances.revenue_month,
        variances.revenue_category,
        variances.cause,
        abs(variances.variance_amount_reporting) as variance_size,
        revenue_thresholds.severity_rank
    from variances
    left join revenue_thresholds on variances.severity = revenue_thresholds.severity
    where variances.cause <> 'matched'

),

groups_of_variances as (

    select
        revenue_month,
        revenue_category,
        cause,
        count(*) as row_count,
        max(severity_rank) as severity_rank,
        sum(coalesce(variance_size, 0)) as variance_size
    from ranked_variances
    group by revenue_month, revenue_category, cause

),

variance_alerts as (

    select
        'revenue_variance' as rule_name,
        revenue_thresholds.severity,
        concat(groups_of_variances.revenue_category, ' ', groups_of_variances.cause) as subject,
        groups_of_variances.revenue_month as period,
        'abs_variance_reporting' as measure,
        revenue_thresholds.min_amount as threshold,
        groups_of_variances.variance_size as observed,
        concat(
            cast(groups_of_variances.row_count as nvarchar(20)),
            ' deal(s) differ by ',
            {{ amount_text('groups_of_variances.variance_size') }},
            ' ',
            settings.reporting_currency,
            ' in all in ',
            {{ month_text('groups_of_variances.revenue_month') }},
            ' (',
            groups_of_variances.revenue_category,
            '), cause ',
            groups_of_variances.cause,
            '.'
        ) as message
    from groups_of_variances
    inner join revenue_thresholds on groups_of_variances.severity_rank = revenue_thresholds.severity_rank
    cross join settings

),

-- A rate is missed where a row cannot be told in the reporting currency or an entry in the currency of its deal.
missed_rates as (

    select
        variances.currency_code,
        variances.revenue_month,
        1 as row_count
    from variances
    where variances.variance_amount_reporting is null

    union all

    select
        entries.currency_code,
        entries.revenue_month,
        1 as row_count
    from entries
    cross join settings
    left join fx_rates
        on
            entries.currency_code = fx_rates.currency_code
            and entries.revenue_month = fx_rates.rate_month
    where
        entries.is_missing_fx_rate = 1
        and entries.is_reposted_entry = 0
        and entries.currency_code <> settings.reporting_currency
        and fx_rates.currency_code is null
        and entries.revenue_month <= settings.as_of_month
        and (entries.posted_at <= settings.as_of or entries.posted_at is null)

),

months_without_rate as (

    select
        currency_code,
        revenue_month,
        sum(row_count) as row_count
    from missed_rates
    group by currency_code, revenue_month

),

rate_alerts as (

    select
        'missing_fx_rate' as rule_name,
        'warning' as severity,
        months_without_rate.currency_code as subject,
        months_without_rate.revenue_month as period,
        'rows_without_rate' as measure,
        0 as threshold,
        months_without_rate.row_count as observed,
        concat(
            'No rate for ',
            months_without_rate.currency_code,
            ' in ',
            {{ month_text('months_without_rate.revenue_month') }},
            ': ',
            cast(months_without_rate.row_count as nvarchar(20)),
            ' amount(s) are left out of the sums until fx_rates has it.'
        ) as message
    from months_without_rate

),

alerts as (

    select
        rule_name,
        severity,
        subject,
        period,
        measure,
        cast(threshold as decimal(18, 4)) as threshold,
        cast(observed as decimal(18, 4)) as observed,
        message
    from variance_alerts

    union all

    select
        rule_name,
        severity,
        subject,
        period,
        measure,
        cast(threshold as decimal(18, 4)) as threshold,
        cast(observed as decimal(18, 4)) as observed,
        message
    from rate_alerts

),

final as (

    select
        cast(
            lower(concat('revenue:', rule_name, ':', subject, ':', cast(period as nvarchar(10)))) as nvarchar(400)
        ) as alert_key,
        cast('revenue' as nvarchar(20)) as domain,
        cast(rule_name as nvarchar(60)) as rule_name,
        cast(severity as nvarchar(20)) as severity,
        cast(subject as nvarchar(255)) as subject,
        cast(period as date) as period,
        cast(measure as nvarchar(60)) as measure,
        threshold,
        observed,
        cast(message as nvarchar(1000)) as message
    from alerts

)

select * from final
