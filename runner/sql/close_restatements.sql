-- The largest of what changed since months of domain {domain} were closed, by {restatements}, the latest month first.
select
    placed.period,
    placed.measure,
    placed.subject,
    placed.value_as_closed,
    placed.value_now,
    placed.change,
    placed.cause,
    placed.place,
    placed.figure_count
from (
    select
        restatements.*,
        row_number() over (
            order by restatements.period desc, abs(restatements.change) desc, restatements.measure, restatements.subject
        ) as place,
        count(*) over () as figure_count
    from {restatements} as restatements
    where restatements.domain = '{domain}'
) as placed
where placed.place <= {most}
