{{ config(materialized='view', contract={'enforced': true}) }}

with

entries as (

    select * from {{ ref('int_revenue_entries') }}

),

staged as (

    select * from {{ ref('stg_accounting__revenue_entries') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

final as (

    select
        cast(entries.entry_id as nvarchar(255)) as entry_id,
        cast(entries.deal_id as nvarchar(255)) as deal_id,
        cast(entries.revenue_month as date) as revenue_month,
        cast(entries.revenue_type as nvarchar(255)) as revenue_type,
        cast(entries.revenue_category as nvarchar(20)) as revenue_category,
        cast(entries.entry_type as nvarchar(255)) as entry_type,
        cast(entries.recognized_amount as decimal(18, 2)) as recognized_amount,
        cast(entries.currency_code as nvarchar(255)) as currency_code,
        cast(entries.deal_currency_code as nvarchar(255)) as deal_currency_code,
        cast(entries.amount_in_deal_currency as decimal(18, 2)) as amount_in_deal_currency,
        cast(entries.posted_at as {{ dbt.type_timestamp() }}) as posted_at,
        cast(staged.posted_by as nvarchar(255)) as posted_by,
        cast(staged.gl_account as nvarchar(255)) as gl_account,
        cast(staged.performance_obligation as nvarchar(255)) as performance_obligation,
        cast(case when entries.posted_at > settings.as_of then 0 else 1 end as integer) as is_seen,
        cast(entries.is_reposted_entry as integer) as is_reposted_entry,
        cast(entries.is_missing_fx_rate as integer) as is_missing_fx_rate,
        cast(entries.entry_key as nvarchar(255)) as entry_key,
        cast(entries.deal_key as nvarchar(255)) as deal_key
    from entries
    inner join staged on entries.entry_key = staged.entry_key
    cross join settings

)

select * from final
