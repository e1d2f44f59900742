with

overrides as (

    select * from {{ ref('int_msp_overrides_judged') }}

),

adjustments as (

    select
        override_id,
        billing_month,
        environment,
        coalesce(tier, 'All') as tier,
        {{ round_money('number_value') }} as amount_gbp
    from overrides
    where override_status = 'applied' and override_type = 'adjust_amount'

)

select * from adjustments
