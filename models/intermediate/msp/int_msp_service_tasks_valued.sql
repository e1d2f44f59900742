{{
    config(
        materialized='incremental',
        unique_key='key_hash',
        indexes=index_on(['key_hash']),
        post_hook="{{ delete_keys_gone_from(ref('stg_service_desk__service_tasks'), 'task_key', rows_of_a_key=1) }}"
    )
}}

{#- What is read in some runs only: dbt learns of it here. -#}
{%- if not execute %}
{%- do ref('stg_service_desk__service_tasks') %}
{%- do ref('int_msp_tasks_to_value_joined') %}
{%- do ref('int_msp_texts') %}
{%- do ref('int_msp_service_tasks_joined') %}
{%- endif %}

with

text_matches as (

    select matches.*
    from {{ ref('int_msp_text_matches') }} as matches
    {%- if is_incremental() %}
    where matches.text_hash in (select texts.text_hash from {{ ref('int_msp_texts') }} as texts)
    {%- endif %}

),

method_tiers as (

    select * from {{ ref('stg_reference__completion_method_tiers') }}

),

tier_rates as (

    select * from {{ ref('stg_reference__tier_rates') }}

),

changed as (

    {% if is_incremental() -%}
    select * from {{ ref('int_msp_tasks_to_value_joined') }}
    {%- else -%}
    select * from {{ ref('int_msp_service_tasks_joined') }}
    {%- endif %}

),

matched as (

    select
        changed.*,
        cost_centre_matches.rule_position as cost_centre_position,
        cost_centre_matches.outcome as cost_centre_environment,
        cost_centre_matches.rule_id as cost_centre_rule_id,
        site_matches.rule_position as site_position,
        site_matches.outcome as site_environment,
        site_matches.rule_id as site_rule_id,
        description_matches.rule_position as description_position,
        description_matches.outcome as description_environment,
        description_matches.rule_id as description_rule_id,
        category_matches.outcome as category,
        category_matches.rule_id as category_rule_id,
        category_matches.suggested_quantity
    from changed
    left join text_matches as cost_centre_matches
        on cost_centre_matches.text_key = concat('cost_centre:', upper(changed.cost_centre))
    left join text_matches as site_matches
        on site_matches.text_key = concat('site_code:', upper(changed.site_code))
    left join text_matches as description_matches
        on description_matches.text_key = concat('short_description:', upper(changed.short_description))
    left join text_matches as category_matches
        on category_matches.text_key = concat('task_description:', upper(changed.task_description))

),

decided as (

    select
        *,
        case
            when
                cost_centre_position is not null
                and (site_position is null or cost_centre_position < site_position)
                and (description_position is null or cost_centre_position < description_position)
                then 'cost_centre'
            when
                site_position is not null
                and (description_position is null or site_position < description_position)
                then 'site_code'
            when description_position is not null then 'short_description'
        end as deciding_field
    from matched

),

classified as (

    select
        decided.*,
        case decided.deciding_field
            when 'cost_centre' then decided.cost_centre_environment
            when 'site_code' then decided.site_environment
            when 'short_description' then decided.description_environment
        end as environment,
        case decided.deciding_field
            when 'cost_centre' then decided.cost_centre_rule_id
            when 'site_code' then decided.site_rule_id
            when 'short_description' then decided.description_rule_id
        end as environment_rule_id,
        method_tiers.tier,
        cast(decided.completed_at as date) as completed_on,
        case
            when decided.task_status = 'completed' and decided.completed_at is not null then 1
            else 0
        end as is_completed,
        case
            when decided.quantity is null then 1
            when decided.quantity < 0 then 0
            else decided.quantity
        end as valued_quantity
    from decided
    left join method_tiers on upper(decided.completion_method) = method_tiers.completion_method_key

),

rated as (

    select
        classified.*,
        tier_rates.points_per_task,
        tier_rates.rate_gbp_per_point
    from classified
    left join tier_rates
        on
            upper(classified.tier) = tier_rates.tier_key
            and classified.completed_on >= tier_rates.valid_from
            and (tier_rates.valid_to is null or classified.completed_on < tier_rates.valid_to)

),

-- 19 digits, not 18: DuckDB keeps the product of two decimals of up to 18 digits at 18, which a huge quantity exceeds.
pointed as (

    select
        *,
        cast(coalesce(points_per_task, 0) * valued_quantity as decimal(19, 4)) as activity_points,
        cast(coalesce(rate_gbp_per_point, 0) as decimal(18, 4)) as rate_in_force
    from rated

),

valued as (

    select
        key_hash,
        task_key,
        task_id,
        ticket_id,
        technician_id,
        is_completed,
        completed_at,
        completed_on,
        {{ month_start('completed_on') }} as billing_month,
        coalesce(environment, 'Unassigned') as environment,
        coalesce(category, 'Unclassified') as category,
        coalesce(tier, 'Untiered') as tier,
        environment_rule_id,
        category_rule_id,
        coalesce(quantity, 1) as quantity,
        suggested_quantity,
        valued_quantity,
        cast(activity_points as decimal(18, 4)) as activity_points,
        rate_in_force as rate_gbp_per_point,
        {{ round_money('activity_points * rate_in_force') }} as amount_gbp,
        case when task_status = 'completed' and completion_method is not null and tier is null then 1 else 0 end
            as is_unknown_completion_method,
        case when is_completed = 1 and tier is not null and points_per_task is null then 1 else 0 end
            as is_no_rate_on_completion_day,
        is_orphan_ticket,
        is_orphan_asset,
        is_orphan_software_request,
        task_hash,
        task_build,
        ticket_build,
        asset_build,
        software_request_build,
        rules_hash
    from pointed

),

fingerprinted as (

    select
        *,
        {{ row_fingerprint([
            'task_id', 'ticket_id', 'technician_id', 'is_completed', 'completed_at', 'environment', 'category', 'tier',
            'environment_rule_id', 'category_rule_id', 'quantity', 'suggested_quantity', 'activity_points',
            'rate_gbp_per_point', 'amount_gbp'
        ]) }} as value_hash
    from valued

)

select * from fingerprinted
