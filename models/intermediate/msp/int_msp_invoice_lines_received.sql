with

invoice_lines as (

    select * from {{ ref('int_msp_invoice_lines') }}

),

settings as (

    select * from {{ ref('int_run_settings') }}

),

received as (

    select
        invoice_lines.*,
        upper(invoice_lines.environment) as environment_key,
        upper(invoice_lines.tier) as tier_key,
        upper(coalesce(invoice_lines.invoice_number, '')) as invoice_key,
        case when invoice_lines.amount_gbp < 0 or invoice_lines.activity_points < 0 then 1 else 0 end as is_credit
    from invoice_lines
    cross join settings
    where
        invoice_lines.billing_month is not null
        and (invoice_lines.received_on is null or invoice_lines.received_on <= settings.as_of_date)

),

charges as (

    select
        *,
        dense_rank() over (
            partition by billing_month, environment_key, tier_key, activity_points, amount_gbp
            order by {{ sort_key('invoice_key') }}
        ) as invoice_rank
    from received
    where is_credit = 0 and amount_gbp > 0

),

credits as (

    select
        billing_month,
        environment_key,
        tier_key,
        -activity_points as activity_points,
        -amount_gbp as amount_gbp,
        count(*) as credit_count
    from received
    where is_credit = 1
    group by billing_month, environment_key, tier_key, activity_points, amount_gbp

),

charged_again as (

    select
        charges.invoice_line_key,
        case when charges.invoice_rank > 1 + coalesce(credits.credit_count, 0) then 1 else 0 end as is_reissued
    from charges
    left join credits
        on
            charges.billing_month = credits.billing_month
            and charges.environment_key = credits.environment_key
            and charges.tier_key = credits.tier_key
            and charges.activity_points = credits.activity_points
            and charges.amount_gbp = credits.amount_gbp

),

final as (

    select
        received.invoice_line_key,
        received.invoice_line_id,
        received.invoice_number,
        received.billing_month,
        received.environment,
        received.tier,
        received.activity_points,
        received.amount_gbp,
        received.received_on,
        received.source_row_count,
        received.is_credit,
        coalesce(charged_again.is_reissued, 0) as is_reissued
    from received
    left join charged_again on received.invoice_line_key = charged_again.invoice_line_key

)

select * from final
