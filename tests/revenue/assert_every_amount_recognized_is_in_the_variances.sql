-- A deal here has ledger entries, seen at as_of and in a judged month, that fct_revenue_variance does not hold, or
-- holds with another amount: the report would be short of revenue that was recognized. Re-postings count as entries
-- but add no amount; an entry without a rate adds none either (missing_fx_rate). Compare the entries of the deal in
-- int_revenue_entries with its rows in the mart. Amounts of entries without a deal are compared by count alone, as
-- they may stand in the reporting currency.
with

entries as (

    select * from {{ ref('int_revenue_entries') }}

),

variances as (

    select * from {{ ref('int_revenue_variances') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

recognized as (

    select
        entries.deal_hash,
        count(*) as entry_count,
        sum(
            case
                when entries.is_reposted_entry = 1 then 0
                else coalesce(entries.amount_in_deal_currency, 0)
            end
        ) as recognized_amount,
        max(
            case
                when entries.is_known_deal = 0 or entries.deal_booked_on > settings.as_of_date then 1
                else 0
            end
        ) as is_without_deal
    from entries
    cross join settings
    where
        entries.revenue_month <= settings.as_of_month
        and coalesce(entries.posted_at, cast('1900-01-01' as {{ dbt.type_timestamp() }})) <= settings.as_of
    group by entries.deal_hash

),

reported as (

    select
        deal_hash,
        sum(entry_count) as entry_count,
        sum(recognized_amount) as recognized_amount
    from variances
    group by deal_hash

),

differing as (

    select
        recognized.deal_hash,
        recognized.entry_count as expected_entries,
        reported.entry_count as found_entries,
        recognized.recognized_amount as expected_amount,
        reported.recognized_amount as found_amount
    from recognized
    left join reported on recognized.deal_hash = reported.deal_hash
    where
        reported.deal_hash is null
        or recognized.entry_count <> reported.entry_count
        or (recognized.is_without_deal = 0 and recognized.recognized_amount <> reported.recognized_amount)

)

select * from differing
