with

moments as (

    select * from {{ ref('int_compared_moments') }}

),

deals as (

    select * from {{ ref('stg_analytics__deals') }}

),

entries as (

    select * from {{ ref('int_revenue_entries') }}

),

happenings as (

    select
        booked_on as happened_on,
        cast(booked_on as {{ dbt.type_timestamp() }}) as happened_at,
        1 as deals_won,
        0 as entries_posted
    from deals
    where deal_status = 'won' and booked_on is not null

    union all

    select
        cast(posted_at as date) as happened_on,
        posted_at as happened_at,
        0 as deals_won,
        1 as entries_posted
    from entries
    where is_reposted_entry = 0 and posted_at is not null

),

first_of_each as (

    select cast(min(booked_on) as {{ dbt.type_timestamp() }}) as first_happened_at
    from deals
    where deal_status = 'won'

    union all

    select min(posted_at) as first_happened_at
    from entries
    where is_reposted_entry = 0

),

first_happenings as (

    select min(first_happened_at) as first_happened_at
    from first_of_each

),

figures_at_moments as (

    select
        moments.days_back,
        coalesce(sum(happenings.deals_won), 0) as revenue_deals_won,
        coalesce(sum(happenings.entries_posted), 0) as revenue_entries_posted
    from moments
    inner join first_happenings on moments.days_back = 0 or moments.moment_at >= first_happenings.first_happened_at
    left join happenings
        on
            moments.moment_on = happenings.happened_on
            and moments.moment_at >= happenings.happened_at
    group by moments.days_back

),

compared as (

    select
        {{- compared_figures({'revenue_deals_won': 1, 'revenue_entries_posted': 1}) }}
    from figures_at_moments

)

select * from compared
