{{
    config(
        materialized='incremental',
        unique_key='deal_hash',
        indexes=index_on(['deal_key']),
        post_hook="{{ delete_keys_gone_from(ref('stg_analytics__deals'), 'deal_hash', rows_of_a_key=1) }}"
    )
}}

with

deals as (

    select * from {{ ref('stg_analytics__deals') }}

),

revenue_types as (

    select * from {{ ref('stg_reference__revenue_types') }}

),

fx_rates as (

    select * from {{ ref('stg_reference__fx_rates') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

rules_version as (

    select * from {{ ref('int_revenue_rules_version') }}

),

staged_build as (

    select {{ last_build() }} as deal_build
    from {{ ref('stg_analytics__deals') }}

),

currencies_with_rates as (

    select distinct currency_code
    from fx_rates

),

versions as (

    select
        deals.deal_hash,
        {{ row_hash(['deals.source_hash', 'rules_version.types_hash', 'rules_version.currencies_hash']) }}
            as inputs_hash
    from deals
    cross join rules_version

),

changed_deals as (

    {{ only_changed('versions', 'deal_hash', 'inputs_hash') }}

),

classified as (

    select
        deals.deal_hash,
        deals.deal_key,
        deals.deal_id,
        deals.customer_id,
        deals.customer_name,
        coalesce(deals.customer_segment, 'Unknown') as customer_segment,
        upper(coalesce(deals.customer_segment, 'Unknown')) as segment_key,
        coalesce(deals.sales_rep, 'Unknown') as sales_rep,
        upper(coalesce(deals.sales_rep, 'Unknown')) as rep_key,
        coalesce(deals.sales_region, 'Unknown') as sales_region,
        upper(coalesce(deals.sales_region, 'Unknown')) as region_key,
        coalesce(revenue_types.revenue_type, deals.revenue_type) as revenue_type,
        coalesce(revenue_types.revenue_category, 'unclassified') as revenue_category,
        cast(coalesce(deals.contract_value, 0) as decimal(18, 2)) as contract_value,
        coalesce(deals.currency_code, settings.reporting_currency) as currency_code,
        deals.duration_months,
        deals.booked_on,
        deals.start_date,
        deals.end_date,
        deals.deal_status,
        deals.cancelled_on,
        deals.source_hash,
        changed_deals.inputs_hash,
        staged_build.deal_build,
        {{ month_start('coalesce(deals.start_date, deals.booked_on)') }} as first_month,
        case
            when deals.deal_status = 'won' then 1
            when deals.deal_status = 'cancelled' and deals.cancelled_on is not null then 1
            else 0
        end as is_won,
        case
            when deals.revenue_type is not null and revenue_types.revenue_type is null then 1
            else 0
        end as is_unknown_revenue_type,
        case
            when
                deals.currency_code <> settings.reporting_currency
                and currencies_with_rates.currency_code is null
                then 1
            else 0
        end as is_unknown_currency_code
    from deals
    inner join changed_deals on deals.deal_hash = changed_deals.deal_hash
    cross join settings
    cross join staged_build
    left join revenue_types
        on upper(deals.revenue_type) = revenue_types.revenue_type_key
    left join currencies_with_rates
        on deals.currency_code = currencies_with_rates.currency_code

),

judged as (

    -- A term must fit the calendar (year 9999) and int_numbers: no engine can count out more months than that.
    select
        *,
        case
            when is_won = 0 or revenue_category <> 'recurring' then 0
            when duration_months is null or duration_months <= 0 or duration_months > 100000 then 1
            when {{ months_between('first_month', "cast('9999-12-01' as date)") }} < duration_months - 1 then 1
            else 0
        end as is_invalid_duration
    from classified

),

with_term as (

    select
        *,
        case
            when is_won = 0 or first_month is null or is_invalid_duration = 1 then 0
            when revenue_category = 'recurring' then duration_months
            else 1
        end as scheduled_months
    from judged

),

fingerprinted as (

    select
        *,
        {{ row_hash([
            'deal_key', 'deal_id', 'revenue_category', 'contract_value', 'currency_code', 'booked_on', 'first_month',
            'scheduled_months', 'cancelled_on'
        ]) }} as term_hash,
        {{ row_hash(['deal_id', 'currency_code', 'booked_on']) }} as ledger_hash
    from with_term

),

{{ next_build() }},

final as (

    select
        fingerprinted.*,
        next_build.build_number
    from fingerprinted
    cross join next_build

)

select * from final
