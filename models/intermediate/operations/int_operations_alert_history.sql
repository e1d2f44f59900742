{{
    config(
        materialized='incremental',
        unique_key=['observed_on', 'alert_key'],
        indexes=index_on(['observed_on']),
        full_refresh=false
    )
}}

with

settings as (

    select * from {{ ref('int_run_settings') }}

),

alerts as (

    select * from {{ ref('alerts') }}

),

open_now as (

    select
        settings.as_of_date as observed_on,
        alerts.alert_key,
        alerts.domain,
        alerts.{{ column_name('rule') }} as rule_name,
        alerts.severity,
        alerts.subject,
        alerts.message,
        1 as is_open
    from alerts
    cross join settings

),

-- A day without any alert was looked at all the same.
domains_observed as (

    {% for domain in enabled_domains() + ['operations'] -%}
    select
        settings.as_of_date as observed_on,
        '(observed):{{ domain }}' as alert_key,
        '{{ domain }}' as domain,
        cast(null as nvarchar(50)) as rule_name,
        cast(null as nvarchar(20)) as severity,
        cast(null as nvarchar(255)) as subject,
        cast(null as nvarchar(1000)) as message,
        0 as is_open
    from settings
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

states as (

    select * from open_now
    union all
    select * from domains_observed

),
{%- if is_incremental() %}

history as (

    select * from {{ this }}

),

-- Announced by an earlier run of the same day, and over by now.
cleared_since as (

    select
        history.observed_on,
        history.alert_key,
        history.domain,
        history.rule_name,
        history.severity,
        history.subject,
        history.message,
        0 as is_open
    from history
    inner join settings on history.observed_on = settings.as_of_date
    left join states on history.alert_key = states.alert_key
    where states.alert_key is null

),

states_of_the_day as (

    select * from states
    union all
    select * from cleared_since

),
{%- else %}

states_of_the_day as (

    select * from states

),
{%- endif %}

final as (

    select
        cast(observed_on as date) as observed_on,
        cast(alert_key as nvarchar(400)) as alert_key,
        cast(domain as nvarchar(20)) as domain,
        cast(rule_name as nvarchar(50)) as rule_name,
        cast(severity as nvarchar(20)) as severity,
        cast(subject as nvarchar(255)) as subject,
        cast(message as nvarchar(1000)) as message,
        cast(is_open as integer) as is_open
    from states_of_the_day

)

select * from final
