-- What moves between two valuations of the same tasks: {before} as built, {after} with the edited rules.
select
    moves.dimension,
    moves.rule_before,
    moves.rule_after,
    moves.value_before,
    moves.value_after,
    count(*) as task_count,
    cast(sum(moves.points_before) as decimal(28, 4)) as points_before,
    cast(sum(moves.points_after) as decimal(28, 4)) as points_after,
    cast(sum(moves.points_after) - sum(moves.points_before) as decimal(28, 4)) as points_change,
    cast(sum(moves.gbp_before) as decimal(18, 2)) as gbp_before,
    cast(sum(moves.gbp_after) as decimal(18, 2)) as gbp_after,
    cast(sum(moves.gbp_after) - sum(moves.gbp_before) as decimal(18, 2)) as gbp_change
from (
    select
        dimensions.dimension,
        case dimensions.dimension
            when 'category' then coalesce(old_tasks.category_rule_id, '-')
            when 'environment' then coalesce(old_tasks.environment_rule_id, '-')
            else '-'
        end as rule_before,
        case dimensions.dimension
            when 'category' then coalesce(new_tasks.category_rule_id, '-')
            when 'environment' then coalesce(new_tasks.environment_rule_id, '-')
            else '-'
        end as rule_after,
        case dimensions.dimension
            when 'category' then old_tasks.category
            when 'environment' then old_tasks.environment
            when 'all tasks' then '-'
            else old_tasks.tier
        end as value_before,
        case dimensions.dimension
            when 'category' then new_tasks.category
            when 'environment' then new_tasks.environment
            when 'all tasks' then '-'
            else new_tasks.tier
        end as value_after,
        old_tasks.activity_points as points_before,
        new_tasks.activity_points as points_after,
        old_tasks.amount_gbp as gbp_before,
        new_tasks.amount_gbp as gbp_after
    from {before} as old_tasks
    inner join {after} as new_tasks on old_tasks.task_id = new_tasks.task_id
    -- Each task once a dimension: SQL Server knows no `with` within the query that reads this one.
    cross join (
        select 'category' as dimension
        union all
        select 'environment' as dimension
        union all
        select 'tier' as dimension
        union all
        select 'value' as dimension
        union all
        select 'all tasks' as dimension
    ) as dimensions
    where
        dimensions.dimension = 'all tasks'
        or (dimensions.dimension = 'category' and old_tasks.category <> new_tasks.category)
        or (dimensions.dimension = 'environment' and old_tasks.environment <> new_tasks.environment)
        or (dimensions.dimension = 'tier' and old_tasks.tier <> new_tasks.tier)
        or (
            dimensions.dimension = 'value'
            and old_tasks.tier = new_tasks.tier
            and (old_tasks.activity_points <> new_tasks.activity_points or old_tasks.amount_gbp <> new_tasks.amount_gbp)
        )
) as moves
group by moves.dimension, moves.rule_before, moves.rule_after, moves.value_before, moves.value_after
