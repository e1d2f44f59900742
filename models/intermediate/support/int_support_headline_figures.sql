with

backlog_spikes as (

    select * from {{ ref('backlog_spike_summary') }}

),

headline_figures as (

    select case when is_spike = {{ as_flag('1') }} then 1 else 0 end as support_backlog_is_spike
    from backlog_spikes

)

select * from headline_figures
