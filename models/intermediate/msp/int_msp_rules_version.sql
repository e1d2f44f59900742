with

text_rules as (

    select * from {{ ref('int_msp_text_rules') }}

),

method_tiers as (

    select * from {{ ref('stg_reference__completion_method_tiers') }}

),

tier_rates as (

    select * from {{ ref('stg_reference__tier_rates') }}

),

hashed_text_rules as (

    select {{ row_hash(['rule_id', 'rule_position', 'field_name', 'pattern', 'outcome']) }} as row_hash
    from text_rules

),

hashed_method_tiers as (

    select {{ row_hash(['completion_method_key', 'tier']) }} as row_hash
    from method_tiers

),

hashed_tier_rates as (

    select
        {{ row_hash(['tier', 'points_per_task', 'rate_gbp_per_point', 'valid_from', 'valid_to']) }} as row_hash
    from tier_rates

),

text_rules_version as (

    select
        count(*) as row_count,
        coalesce(sum(row_hash), 0) as hash_sum
    from hashed_text_rules

),

method_tiers_version as (

    select
        count(*) as row_count,
        coalesce(sum(row_hash), 0) as hash_sum
    from hashed_method_tiers

),

tier_rates_version as (

    select
        count(*) as row_count,
        coalesce(sum(row_hash), 0) as hash_sum
    from hashed_tier_rates

),

versions as (

    select
        {{ row_hash(['text_rules_version.row_count', 'text_rules_version.hash_sum']) }} as text_rules_hash,
        {{ row_hash([
            'text_rules_version.row_count', 'text_rules_version.hash_sum',
            'method_tiers_version.row_count', 'method_tiers_version.hash_sum',
            'tier_rates_version.row_count', 'tier_rates_version.hash_sum'
        ]) }} as all_rules_hash
    from text_rules_version
    cross join method_tiers_version
    cross join tier_rates_version

)

select * from versions
