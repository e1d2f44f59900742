with

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

labels as (

    select * from {{ ref('int_revenue_labels') }}

),

recognized as (

    select * from {{ ref('int_revenue_recognized_monthly') }}

),

rules_version as (

    select * from {{ ref('int_revenue_rules_version') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

deals_there as (

    select
        deals.deal_hash,
        deals.is_won,
        deals.currency_code,
        deals.segment_key,
        deals.region_key,
        deals.rep_key,
        deals.term_hash,
        deals.first_month,
        deals.scheduled_months,
        settings.as_of_month,
        case when deals.cancelled_on <= settings.as_of_date then deals.cancelled_on end as cancelled_on
    from deals
    cross join settings
    where deals.booked_on <= settings.as_of_date or deals.booked_on is null

),

-- How many months of its term lie before the month of as_of ends and before it was cancelled.
with_months as (

    select
        *,
        case
            when scheduled_months = 0 then 0
            when cancelled_on < as_of_month then {{ months_between('first_month', 'cancelled_on') }} + 1
            else {{ months_between('first_month', 'as_of_month') }} + 1
        end as months_gone
    from deals_there

),

booked as (

    select
        with_months.deal_hash,
        with_months.currency_code,
        case
            when with_months.months_gone > with_months.scheduled_months then with_months.scheduled_months
            when with_months.months_gone < 0 then 0
            else with_months.months_gone
        end as booked_months,
        {{ row_hash([
            'with_months.term_hash', 'with_months.is_won', 'with_months.segment_key', 'segments.label',
            'with_months.region_key', 'regions.label', 'with_months.rep_key', 'reps.label'
        ]) }} as deal_version
    from with_months
    left join labels as segments
        on with_months.segment_key = segments.label_key and segments.field = 'customer_segment'
    left join labels as regions
        on with_months.region_key = regions.label_key and regions.field = 'sales_region'
    left join labels as reps
        on with_months.rep_key = reps.label_key and reps.field = 'sales_rep'

),

-- What is recognized in a later month is not judged yet, and is when as_of has come that far.
recognized_deals as (

    select
        recognized.deal_hash,
        max(case when recognized.revenue_month > settings.as_of_month then 0 else 1 end) as is_judged,
        max(case when recognized.revenue_month > settings.as_of_month then settings.as_of_month end) as judged_up_to,
        max(
            case
                when recognized.revenue_month > settings.as_of_month then 0
                when recognized.currency_code = settings.reporting_currency then 0
                else 1
            end
        ) as is_in_other_currency
    from recognized
    cross join settings
    group by recognized.deal_hash

),

paired as (

    select
        coalesce(booked.deal_hash, recognized_deals.deal_hash) as deal_hash,
        booked.deal_version,
        coalesce(booked.booked_months, 0) as booked_months,
        booked.currency_code,
        coalesce(recognized_deals.is_in_other_currency, 0) as is_in_other_currency,
        recognized_deals.judged_up_to
    from booked
    full outer join recognized_deals on booked.deal_hash = recognized_deals.deal_hash
    where booked.booked_months > 0 or recognized_deals.is_judged = 1

),

with_rules as (

    select
        paired.*,
        rules_version.judgement_hash,
        case
            when paired.is_in_other_currency = 1 or paired.currency_code <> settings.reporting_currency
                then rules_version.rates_hash
        end as rates_hash
    from paired
    cross join rules_version
    cross join settings

),

versions as (

    select
        deal_hash,
        {{ row_hash(['deal_version', 'booked_months', 'judged_up_to', 'judgement_hash', 'rates_hash']) }} as months_hash
    from with_rules

)

select * from versions
