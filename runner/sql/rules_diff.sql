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
    cast(sum(moves.gbp_before) as decimal(18, 2)) as gbp_before,
    cast(sum(moves.gbp_after) as decimal(18, 2)) as gbp_after
from (
    select
        'category' as dimension,
        coalesce(old_tasks.category_rule_id, '-') as rule_before,
        coalesce(new_tasks.category_rule_id, '-') as rule_after,
        old_tasks.category as value_before,
        new_tasks.category as value_after,
        old_tasks.activity_points as points_before,
        new_tasks.activity_points as points_after,
        old_tasks.amount_gbp as gbp_before,
        new_tasks.amount_gbp as gbp_after
    from {before} as old_tasks
    inner join {after} as new_tasks on old_tasks.task_id = new_tasks.task_id
    where old_tasks.category <> new_tasks.category

    union all

    select
        'environment' as dimension,
        coalesce(old_tasks.environment_rule_id, '-') as rule_before,
        coalesce(new_tasks.environment_rule_id, '-') as rule_after,
        old_tasks.environment as value_before,
        new_tasks.environment as value_after,
        old_tasks.activity_points as points_before,
        new_tasks.activity_points as points_after,
        old_tasks.amount_gbp as gbp_before,
        new_tasks.amount_gbp as gbp_after
    from {before} as old_tasks
    inner join {after} as new_tasks on old_tasks.task_id = new_tasks.task_id
    where old_tasks.environment <> new_tasks.environment

    union all

    select
        'tier' as dimension,
        '-' as rule_before,
        '-' as rule_after,
        old_tasks.tier as value_before,
        new_tasks.tier as value_after,
        old_tasks.activity_points as points_before,
        new_tasks.activity_points as points_after,
        old_tasks.amount_gbp as gbp_before,
        new_tasks.amount_gbp as gbp_after
    from {before} as old_tasks
    inner join {after} as new_tasks on old_tasks.task_id = new_tasks.task_id
    where old_tasks.tier <> new_tasks.tier

    union all

    select
        'value' as dimension,
        '-' as rule_before,
        '-' as rule_after,
        old_tasks.tier as value_before,
        new_tasks.tier as value_after,
        old_tasks.activity_points as points_before,
        new_tasks.activity_points as points_after,
        old_tasks.amount_gbp as gbp_before,
        new_tasks.amount_gbp as gbp_after
    from {before} as old_tasks
    inner join {after} as new_tasks on old_tasks.task_id = new_tasks.task_id
    where
        old_tasks.tier = new_tasks.tier
        and (old_tasks.activity_points <> new_tasks.activity_points or old_tasks.amount_gbp <> new_tasks.amount_gbp)

    union all

    select
        'all tasks' as dimension,
        '-' as rule_before,
        '-' as rule_after,
        '-' as value_before,
        '-' as value_after,
        old_tasks.activity_points as points_before,
        new_tasks.activity_points as points_after,
        old_tasks.amount_gbp as gbp_before,
        new_tasks.amount_gbp as gbp_after
    from {before} as old_tasks
    inner join {after} as new_tasks on old_tasks.task_id = new_tasks.task_id
) as moves
group by moves.dimension, moves.rule_before, moves.rule_after, moves.value_before, moves.value_after
