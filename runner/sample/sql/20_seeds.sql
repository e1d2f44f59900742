-- What finance and operations keep in seeds/: the sample agrees with it, so that invoices and entries tie out.
create table seed_tier_rates as
select
    trim(tier) as tier,
    upper(trim(tier)) as tier_key,
    cast(trim(points_per_task) as decimal(18, 4)) as points_per_task,
    cast(trim(rate_gbp_per_point) as decimal(18, 4)) as rate_gbp_per_point,
    cast(trim(valid_from) as date) as valid_from,
    cast(nullif(trim(valid_to), '') as date) as valid_to
from read_csv(getvariable('seeds') || '/msp/tier_rates.csv', header = true, all_varchar = true);

create table seed_methods as
with
methods as (
    select
        trim(completion_method) as completion_method,
        upper(trim(tier)) as tier_key,
        row_number() over (order by rowid) - 1 as method_no
    from (
        select *, row_number() over () as rowid
        from read_csv(getvariable('seeds') || '/msp/completion_method_tiers.csv', header = true, all_varchar = true)
    )
),
tiers as (
    select tier_key, min(tier) as tier, min(valid_from) as first_rate_on
    from seed_tier_rates
    group by all
)
select methods.*, tiers.tier
from methods
inner join tiers on methods.tier_key = tiers.tier_key
order by method_no;

create table seed_environment_rules as
select
    cast(trim(precedence) as integer) as precedence,
    trim(rule_id) as rule_id,
    lower(trim(field)) as field,
    trim(pattern) as pattern,
    trim(environment) as environment,
    row_number() over (order by cast(trim(precedence) as integer), trim(rule_id)) as rank
from read_csv(getvariable('seeds') || '/msp/environment_rules.csv', header = true, all_varchar = true);

create table seed_overrides as
select
    trim(override_id) as override_id,
    upper(nullif(trim(task_id), '')) as task_key,
    month_of(cast(nullif(trim(billing_month), '') as date)) as billing_month,
    nullif(trim(environment), '') as environment,
    nullif(trim(tier), '') as tier,
    lower(trim(override_type)) as override_type,
    nullif(trim(override_value), '') as override_value,
    upper(nullif(trim(requested_by), '')) as requested_by,
    upper(nullif(trim(approved_by), '')) as approved_by,
    cast(nullif(trim(approved_on), '') as date) as approved_on
from read_csv(getvariable('seeds') || '/msp/activity_point_overrides.csv', header = true, all_varchar = true);

create table seed_revenue_types as
select trim(revenue_type) as revenue_type, lower(trim(revenue_category)) as revenue_category
from read_csv(getvariable('seeds') || '/revenue/revenue_types.csv', header = true, all_varchar = true);

create table seed_fx_rates as
select
    upper(trim(currency_code)) as currency_code,
    month_of(cast(trim(month) as date)) as month,
    cast(trim(rate_to_reporting) as decimal(18, 8)) as rate
from read_csv(getvariable('seeds') || '/revenue/fx_rates.csv', header = true, all_varchar = true)
where nullif(trim(rate_to_reporting), '') is not null;

create table seed_resolution_targets as
select upper(nullif(trim(priority), '')) as priority, max(cast(trim(target_minutes) as bigint)) as target_minutes
from read_csv(getvariable('seeds') || '/support/sla_targets.csv', header = true, all_varchar = true)
where lower(trim(metric)) = 'resolution' and nullif(trim(customer_tier), '') is null
group by all;
