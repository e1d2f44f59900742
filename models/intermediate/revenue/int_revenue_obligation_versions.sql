with

deals as (

    select * from {{ ref('int_revenue_deals') }}

),

labels as (

    select * from {{ ref('int_revenue_labels') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

-- What a deal owes moves with the month of as_of for as long as its term runs.
scheduled as (

    select
        deals.deal_hash,
        deals.term_hash,
        deals.segment_key,
        case when deals.cancelled_on <= settings.as_of_date then 1 else 0 end as is_cancelled,
        case
            when {{ months_between('deals.first_month', 'settings.as_of_month') }} < deals.scheduled_months
                then settings.as_of_month
        end as running_month
    from deals
    cross join settings
    where
        deals.scheduled_months > 0
        and (deals.booked_on <= settings.as_of_date or deals.booked_on is null)

),

versions as (

    select
        scheduled.deal_hash,
        {{ row_hash([
            'scheduled.term_hash', 'scheduled.segment_key', 'labels.label', 'scheduled.is_cancelled',
            'scheduled.running_month'
        ]) }} as obligation_hash
    from scheduled
    left join labels on scheduled.segment_key = labels.label_key and labels.field = 'customer_segment'

)

select * from versions
