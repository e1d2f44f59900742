with

spikes as (

    select * from {{ ref('backlog_spike_by_dimension') }}

),

total as (

    select
        day,
        open_backlog,
        baseline_backlog,
        growth_pct,
        is_spike
    from spikes
    where dimension = 'total'

)

select * from total
