with

revenue_types as (

    select * from {{ ref('stg_reference__revenue_types') }}

),

fx_rates as (

    select * from {{ ref('stg_reference__fx_rates') }}

),

thresholds as (

    select * from {{ ref('stg_reference__variance_thresholds') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

hashed_types as (

    select {{ row_hash(['revenue_type', 'revenue_type_key', 'revenue_category']) }} as row_hash
    from revenue_types

),

currencies as (

    select distinct currency_code
    from fx_rates

),

hashed_currencies as (

    select {{ row_hash(['currency_code']) }} as row_hash
    from currencies

),

hashed_rates as (

    select {{ row_hash(['currency_code', 'rate_month', 'rate_to_reporting']) }} as row_hash
    from fx_rates

),

hashed_thresholds as (

    select {{ row_hash(['severity', 'min_pct', 'min_amount']) }} as row_hash
    from thresholds
    where domain = 'revenue'

),
{% for rules in ['types', 'currencies', 'rates', 'thresholds'] %}
{{ rules }}_version as (

    select
        count(*) as row_count,
        coalesce(sum(row_hash), 0) as hash_sum
    from hashed_{{ rules }}

),
{% endfor %}
versions as (

    select
        {{ row_hash(['types_version.row_count', 'types_version.hash_sum', 'settings.reporting_currency']) }}
            as types_hash,
        {{ row_hash([
            'currencies_version.row_count', 'currencies_version.hash_sum', 'settings.reporting_currency'
        ]) }} as currencies_hash,
        {{ row_hash(['rates_version.row_count', 'rates_version.hash_sum', 'settings.reporting_currency']) }}
            as rates_hash,
        {{ row_hash([
            'thresholds_version.row_count', 'thresholds_version.hash_sum', 'settings.variance_tolerance'
        ]) }} as judgement_hash
    from settings
    cross join types_version
    cross join currencies_version
    cross join rates_version
    cross join thresholds_version

)

select * from versions
