{{ config(materialized='view') }}

with

invoice_lines as (

    select * from {{ ref('stg_msp_billing__msp_invoice_lines') }}

),

environment_rules as (

    select * from {{ ref('stg_reference__environment_rules') }}

),

tier_rates as (

    select * from {{ ref('stg_reference__tier_rates') }}

),

known_environments as (

    select 'CORPORATE' as environment_key
    union
    select 'CONTACT CENTER' as environment_key
    union
    select 'UNASSIGNED' as environment_key
    union
    select upper(environment) as environment_key
    from environment_rules
    where environment is not null

),

known_tiers as (

    select 'UNTIERED' as tier_key
    union
    select 'ALL' as tier_key
    union
    select tier_key from tier_rates

),

coded as (

    select
        invoice_lines.invoice_line_key,
        invoice_lines.invoice_line_id,
        invoice_lines.invoice_number,
        invoice_lines.billing_month,
        coalesce(invoice_lines.environment, 'Unassigned') as environment,
        coalesce(invoice_lines.tier, 'Untiered') as tier,
        cast(coalesce(invoice_lines.activity_points, 0) as decimal(18, 4)) as activity_points,
        cast(coalesce(invoice_lines.amount_gbp, 0) as decimal(18, 2)) as amount_gbp,
        invoice_lines.received_on,
        invoice_lines.source_row_count,
        case
            when invoice_lines.environment is not null and known_environments.environment_key is null then 1
            else 0
        end as is_unknown_environment,
        case when invoice_lines.tier is not null and known_tiers.tier_key is null then 1 else 0 end as is_unknown_tier
    from invoice_lines
    left join known_environments on upper(invoice_lines.environment) = known_environments.environment_key
    left join known_tiers on upper(invoice_lines.tier) = known_tiers.tier_key

)

select * from coded
