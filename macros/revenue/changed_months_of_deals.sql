{#- CTEs that say which months of which deals a model (`this`) has otherwise than its parent; its `versions`
    (int_revenue_deal_versions) and `settings` are there before.

      compared_deals  deals that differ in anything; is_judged_otherwise: 1 where all of their months are to be made anew,
                      0 where something else is recognized in some; as_of_date and as_of_month beside them, so that an
                      engine finds them first and only then reads their months
      changed_months  deals and months in which something else is recognized, and every month built of the former

    What is recognized is compared deal by deal, and month by month only of deals that do not add up to the same. -#}
{%- macro changed_months_of_deals(parent) -%}
built_deals as (

    select
        deal_hash,
        max(months_hash) as months_hash,
        {{ sum_of_fingerprints('seen_hash') }} as seen_hash
    from {{ this }}
    group by deal_hash

),

compared_deals as (

    select
        coalesce(versions.deal_hash, built_deals.deal_hash) as deal_hash,
        case
            when versions.deal_hash is null or built_deals.deal_hash is null then 1
            when versions.months_hash <> built_deals.months_hash then 1
            else 0
        end as is_judged_otherwise,
        settings.as_of_date,
        settings.as_of_month
    from versions
    full outer join built_deals on versions.deal_hash = built_deals.deal_hash
    cross join settings
    where
        versions.deal_hash is null
        or built_deals.deal_hash is null
        or versions.months_hash <> built_deals.months_hash
        or versions.seen_hash <> built_deals.seen_hash

),

seen_months as (

    select
        seen.deal_hash,
        seen.revenue_month,
        {{ sum_of_fingerprints('seen.seen_hash') }} as seen_hash,
        max(compared_deals.is_judged_otherwise) as is_judged_otherwise
    from {{ parent }} as seen
    inner join compared_deals on seen.deal_hash = compared_deals.deal_hash
    where seen.revenue_month <= compared_deals.as_of_month
    group by seen.deal_hash, seen.revenue_month

),

built_months as (

    select
        built.deal_hash,
        built.revenue_month,
        {{ sum_of_fingerprints('built.seen_hash') }} as seen_hash,
        max(compared_deals.is_judged_otherwise) as is_judged_otherwise
    from {{ this }} as built
    inner join compared_deals on built.deal_hash = compared_deals.deal_hash
    group by built.deal_hash, built.revenue_month

),

changed_months as (

    select
        coalesce(seen_months.deal_hash, built_months.deal_hash) as deal_hash,
        coalesce(seen_months.revenue_month, built_months.revenue_month) as revenue_month,
        coalesce(seen_months.is_judged_otherwise, built_months.is_judged_otherwise) as is_judged_otherwise
    from seen_months
    full outer join built_months
        on
            seen_months.deal_hash = built_months.deal_hash
            and seen_months.revenue_month = built_months.revenue_month
    where
        built_months.is_judged_otherwise = 1
        or coalesce(seen_months.seen_hash, 0) <> coalesce(built_months.seen_hash, 0)

)
{%- endmacro -%}
