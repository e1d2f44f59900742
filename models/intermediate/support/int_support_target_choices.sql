with

cases as (

    select * from {{ ref('stg_support__support_cases') }}

),

targets as (

    select * from {{ ref('stg_reference__sla_targets') }}

),

calendars as (

    select * from {{ ref('stg_reference__business_calendars') }}

),

defined_calendars as (

    select
        calendar_key,
        min({{ sort_key('calendar_id') }}) as calendar_id
    from calendars
    where calendar_key is not null and zone_key is not null
    group by calendar_key

),

metrics as (

    select 'first_response' as metric
    union all
    select 'resolution' as metric

),

kinds_of_case as (

    select distinct
        coalesce(priority, '(none)') as priority_key,
        coalesce(customer_tier, '(none)') as customer_tier_key,
        cast(created_at as date) as created_on
    from cases
    where {{ within_calendar_bounds('created_at') }}

),

candidates as (

    select
        kinds_of_case.priority_key,
        kinds_of_case.customer_tier_key,
        kinds_of_case.created_on,
        metrics.metric,
        targets.target_minutes,
        targets.calendar_key,
        row_number() over (
            partition by
                kinds_of_case.priority_key, kinds_of_case.customer_tier_key, kinds_of_case.created_on, metrics.metric
            order by
                case when targets.priority is null then 1 else 0 end,
                case when targets.customer_tier is null then 1 else 0 end,
                case when targets.valid_from is null then 1 else 0 end,
                targets.valid_from desc,
                targets.target_minutes,
                {{ sort_key('targets.calendar_key') }}
        ) as target_rank
    from kinds_of_case
    cross join metrics
    inner join targets
        on
            metrics.metric = targets.metric
            and coalesce(targets.priority, kinds_of_case.priority_key) = kinds_of_case.priority_key
            and coalesce(targets.customer_tier, kinds_of_case.customer_tier_key) = kinds_of_case.customer_tier_key
            and coalesce(targets.valid_from, kinds_of_case.created_on) <= kinds_of_case.created_on
    where targets.valid_to is null or targets.valid_to > kinds_of_case.created_on

),

measurable as (

    select
        candidates.priority_key,
        candidates.customer_tier_key,
        candidates.created_on,
        candidates.metric,
        candidates.target_minutes,
        candidates.calendar_key,
        defined_calendars.calendar_id
    from candidates
    inner join defined_calendars on candidates.calendar_key = defined_calendars.calendar_key
    where candidates.target_rank = 1 and candidates.target_minutes > 0

)

select * from measurable
