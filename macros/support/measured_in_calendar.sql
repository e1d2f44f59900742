{#- The support clock: CTEs that follow `to_measure`, `events` and `segments`, `open_buckets` and end in `measured`.

    to_measure    one row per case and metric: case_key, metric, calendar_key, target_seconds, started_at and
                  ended_at, the end of the clock: the response or resolution, or the moment the run looks at
    events        the events that are seen: case_key, event_key, case_status, occurred_at
    segments      int_calendar_segments
    open_buckets  int_calendar_open_buckets

    `measured` has one row per case and metric:
      elapsed_seconds  calendar seconds from start to end, for resolution without the pauses
      due_at           the moment the target is used up, given the pauses up to the end and none after it
      settled_at       the moment from which the result stands: ended_at, or the later reopening that made a pause of
                       the time before it

    The case row says when the clock starts and ends, whatever the events say; events only make pauses. The clock is
    paused from an event to the next one where it entered pending or on_hold, and where it entered resolved or closed
    and a later event reopens the case (enters anything else). An unknown status does not pause. So a missing event only
    loses its pause, a repeated one prolongs nothing, and one out of order counts where its moment puts it; what in the
    log contradicts the case row is flagged in int_support_case_histories. -#}
{%- macro measured_in_calendar() -%}
totals as (

    select
        to_measure.case_key,
        to_measure.metric,
        to_measure.calendar_key,
        to_measure.target_seconds,
        to_measure.started_at,
        to_measure.ended_at,
        {{ open_seconds_at('start_segments', 'to_measure.started_at') }} as total_at_start,
        {{ open_seconds_at('end_segments', 'to_measure.ended_at') }} as total_at_end
    from to_measure
    left join segments as start_segments
        on
            {{ segment_holds('start_segments', 'to_measure.calendar_key', 'to_measure.started_at') }}
    left join segments as end_segments
        on
            {{ segment_holds('end_segments', 'to_measure.calendar_key', 'to_measure.ended_at') }}

),

resolution_events as (

    select
        totals.case_key,
        totals.calendar_key,
        totals.target_seconds,
        totals.started_at,
        totals.ended_at,
        totals.total_at_start,
        events.case_status,
        events.occurred_at,
        lead(events.occurred_at) over (
            partition by totals.case_key order by events.occurred_at, {{ sort_key('events.event_key') }}
        ) as next_occurred_at,
        min(
            case when events.case_status in ('resolved', 'closed') then null else events.occurred_at end
        ) over (
            partition by totals.case_key order by events.occurred_at, {{ sort_key('events.event_key') }}
            rows between current row and unbounded following
        ) as reopened_at
    from totals
    inner join events on totals.case_key = events.case_key
    where totals.metric = 'resolution'

),

pauses as (

    select
        case_key,
        calendar_key,
        target_seconds,
        total_at_start,
        case when occurred_at < started_at then started_at else occurred_at end as paused_from,
        case when next_occurred_at <= ended_at then next_occurred_at else ended_at end as paused_to,
        case
            when case_status in ('resolved', 'closed') and reopened_at > ended_at then reopened_at
            else ended_at
        end as settled_at
    from resolution_events
    where
        (case_status in ('pending', 'on_hold') or (case_status in ('resolved', 'closed') and reopened_at is not null))
        and occurred_at < ended_at
        and (next_occurred_at is null or (next_occurred_at > started_at and next_occurred_at > occurred_at))

),

pause_totals as (

    select
        pauses.case_key,
        pauses.target_seconds,
        pauses.total_at_start,
        pauses.paused_from,
        pauses.settled_at,
        {{ open_seconds_at('from_segments', 'pauses.paused_from') }} as total_at_pause,
        {{ open_seconds_at('to_segments', 'pauses.paused_to') }}
        - ({{ open_seconds_at('from_segments', 'pauses.paused_from') }}) as paused_seconds
    from pauses
    inner join segments as from_segments
        on
            {{ segment_holds('from_segments', 'pauses.calendar_key', 'pauses.paused_from') }}
    inner join segments as to_segments
        on
            {{ segment_holds('to_segments', 'pauses.calendar_key', 'pauses.paused_to') }}

),

clocked_pauses as (

    select
        *,
        total_at_pause - total_at_start - (
            sum(paused_seconds) over (
                partition by case_key order by paused_from rows between unbounded preceding and current row
            ) - paused_seconds
        ) as elapsed_before_pause
    from pause_totals

),

pauses_of_case as (

    select
        case_key,
        sum(paused_seconds) as paused_seconds,
        sum(case when elapsed_before_pause < target_seconds then paused_seconds else 0 end)
            as paused_seconds_before_due,
        max(settled_at) as settled_at
    from clocked_pauses
    group by case_key

),

clocked as (

    select
        totals.case_key,
        totals.metric,
        totals.calendar_key,
        totals.ended_at,
        totals.total_at_end - totals.total_at_start - coalesce(pauses_of_case.paused_seconds, 0) as elapsed_seconds,
        totals.total_at_start + totals.target_seconds + coalesce(pauses_of_case.paused_seconds_before_due, 0)
            as total_at_due,
        pauses_of_case.settled_at
    from totals
    left join pauses_of_case
        on totals.case_key = pauses_of_case.case_key and totals.metric = 'resolution'

),

measured as (

    select
        clocked.case_key,
        clocked.metric,
        clocked.elapsed_seconds,
        {{ add_seconds(
            'open_buckets.segment_starts_at', 'clocked.total_at_due - open_buckets.open_seconds_before'
        ) }} as due_at,
        coalesce(clocked.settled_at, clocked.ended_at) as settled_at
    from clocked
    left join open_buckets
        on
            clocked.calendar_key = open_buckets.calendar_key
            and {{ open_seconds_bucket('clocked.total_at_due - 1') }} = open_buckets.open_bucket
            and clocked.total_at_due > open_buckets.open_seconds_before
            and clocked.total_at_due <= open_buckets.open_seconds_after

)
{%- endmacro -%}
