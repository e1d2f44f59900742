{#- CTE `touched_deals`: deals of which a parent, a model with their months, has written or deleted a month since the model
    (`this`) was built last, which knows its builds up to the greatest `seen_build` of its rows. -#}
{%- macro deals_touched_since(parent_model, seen_build) -%}
touched_deals as (

    {{ unseen_hashes(parent_model, unseen_since(ref(parent_model), this, seen_build), 'deal_hash') }}

)
{%- endmacro -%}

{#- CTEs that say which months of which deals a model (`this`) has otherwise than its parent; `touched_deals`, `versions` (a
    months_hash for each deal) and `settings` are there before.

      compared_deals  deals that differ in anything; is_judged_otherwise: 1 where all of their months are to be made anew,
                      0 where something else is recognized in some; as_of_date and as_of_month beside them, so that an
                      engine finds them first and only then reads their months
      changed_months  deals and months in which something else is recognized, and every month built of the former

    only_touched: whether `versions` holds touched deals alone, as no other can have another version. -#}
{%- macro changed_months_of_deals(parent, only_touched=false) -%}
built_deals as (

    select
        built.deal_hash,
        max(built.months_hash) as months_hash
    from {{ this }} as built
    {%- if only_touched %}
    inner join touched_deals on built.deal_hash = touched_deals.deal_hash
    {%- endif %}
    group by built.deal_hash

),

deals_in_question as (

    select
        coalesce(versions.deal_hash, built_deals.deal_hash) as deal_hash,
        1 as is_judged_otherwise
    from versions
    full outer join built_deals on versions.deal_hash = built_deals.deal_hash
    where
        versions.deal_hash is null
        or built_deals.deal_hash is null
        or versions.months_hash <> built_deals.months_hash

    union all

    select
        deal_hash,
        0 as is_judged_otherwise
    from touched_deals

),

compared_deals as (

    select
        deals_in_question.deal_hash,
        max(deals_in_question.is_judged_otherwise) as is_judged_otherwise,
        settings.as_of_date,
        settings.as_of_month
    from deals_in_question
    cross join settings
    group by deals_in_question.deal_hash, settings.as_of_date, settings.as_of_month

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
