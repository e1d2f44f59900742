with

settings as (

    select * from {{ ref('int_run_settings') }}

),

data_quality_score as (

    select * from {{ ref('data_quality_score') }}

),

restatements as (

    select * from {{ ref('rpt_restatements') }}

),

source_ages as (

    select * from {{ ref('int_source_ages') }}

),
{% for domain in enabled_domains() %}
{{ domain }}_alerts as (

    select * from {{ ref('int_' ~ domain ~ '_alerts') }}

),
{% endfor %}
quality_alerts as (

    select
        concat('operations:quality_below_threshold:', data_quality_score.domain) as alert_key,
        'operations' as domain,
        data_quality_score.domain as data_domain,
        'quality_below_threshold' as rule_name,
        'warning' as severity,
        data_quality_score.domain as subject,
        cast(null as date) as period,
        'score' as measure,
        cast(settings.quality_score_threshold as decimal(18, 4)) as threshold,
        cast(data_quality_score.score as decimal(18, 4)) as observed,
        concat(
            'Data quality of ', data_quality_score.domain, ' is ', cast(data_quality_score.score as nvarchar(20)),
            ', below ', cast(settings.quality_score_threshold as nvarchar(20)), '.'
        ) as message
    from data_quality_score
    cross join settings
    where
        data_quality_score.table_name = 'all'
        and data_quality_score.dimension = 'overall'
        and data_quality_score.score < settings.quality_score_threshold

),

restated_periods as (

    select
        domain,
        period,
        count(*) as restated_count,
        coalesce(sum(change), 0) as change
    from restatements
    group by domain, period

),

restatement_alerts as (

    select
        concat('operations:restated_period:', domain, ':', cast(period as nvarchar(10))) as alert_key,
        'operations' as domain,
        domain as data_domain,
        'restated_period' as rule_name,
        'warning' as severity,
        domain as subject,
        period,
        'restated_figures' as measure,
        cast(0 as decimal(18, 4)) as threshold,
        cast(restated_count as decimal(18, 4)) as observed,
        concat(
            cast(restated_count as nvarchar(20)), ' figures of ', domain, ' changed after ',
            cast(period as nvarchar(10)), ' was closed.'
        ) as message
    from restated_periods

),

stale_source_alerts as (

    select
        concat('operations:stale_source:', table_name) as alert_key,
        'operations' as domain,
        domain as data_domain,
        'stale_source' as rule_name,
        severity,
        table_name as subject,
        cast(null as date) as period,
        'age_hours' as measure,
        cast(max_age_hours as decimal(18, 4)) as threshold,
        cast(age_hours as decimal(18, 4)) as observed,
        case
            when newest_at is null then concat('Table ', table_name, ' shows nothing at all.')
            else
                concat(
                    'Table ', table_name, ' shows nothing new for ', cast(age_hours as nvarchar(30)),
                    ' hours, more than ', cast(max_age_hours as nvarchar(20)), '.'
                )
        end as message
    from source_ages
    where is_stale = 1

),

all_alerts as (

    {% for domain in enabled_domains() -%}
    select
        alert_key,
        domain,
        domain as data_domain,
        rule_name,
        severity,
        subject,
        period,
        measure,
        threshold,
        observed,
        message
    from {{ domain }}_alerts

    union all

    {% endfor -%}
    select * from quality_alerts

    union all

    select * from restatement_alerts

    union all

    select * from stale_source_alerts

),

final as (

    select
        cast(all_alerts.alert_key as nvarchar(400)) as alert_key,
        cast(all_alerts.domain as nvarchar(20)) as domain,
        cast(all_alerts.rule_name as nvarchar(50)) as {{ column_name('rule') }},
        cast(all_alerts.severity as nvarchar(20)) as severity,
        cast(all_alerts.subject as nvarchar(255)) as subject,
        cast(all_alerts.period as date) as period,
        cast(all_alerts.measure as nvarchar(50)) as measure,
        cast(all_alerts.threshold as decimal(18, 4)) as threshold,
        cast(all_alerts.observed as decimal(18, 4)) as observed,
        cast(all_alerts.message as nvarchar(1000)) as message,
        cast(settings.as_of as {{ dbt.type_timestamp() }}) as detected_at,
        cast(all_alerts.data_domain as nvarchar(20)) as data_domain
    from all_alerts
    cross join settings

)

select * from final
