with

entries as (

    select * from {{ ref('int_revenue_entries') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

-- Of the same entries, as many seen are the same ones seen: what is seen is told by the moment of posting alone.
counted as (

    select
        entries.deal_hash,
        count(*) as entry_count,
        {{ sum_of_fingerprints('entries.source_hash') }} as source_hashes,
        max(entries.inputs_hash) as inputs_hash,
        max(entries.rates_hash) as rates_hash,
        sum(
            case
                when entries.revenue_month is null or entries.posted_at > settings.as_of then 0
                else 1
            end
        ) as seen_count,
        max(case when entries.deal_booked_on > settings.as_of_date then 0 else entries.is_known_deal end)
            as is_deal_there
    from entries
    cross join settings
    group by entries.deal_hash

),

versions as (

    select
        deal_hash,
        {{ row_hash([
            'entry_count', 'source_hashes', 'inputs_hash', 'rates_hash', 'seen_count', 'is_deal_there'
        ]) }} as recognized_hash
    from counted
    where seen_count > 0

)

select * from versions
