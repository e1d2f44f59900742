{#- The seeds that decide the bill: name, the columns that name a record, the columns that say what it held. -#}
{%- set seeds = [
    ('activity_point_overrides', ['override_id'], [
        'task_id', 'billing_month', 'environment', 'tier', 'override_type', 'override_value', 'reason', 'requested_by',
        'approved_by', 'approved_on', 'reference'
    ]),
    ('tier_rates', ['tier', 'valid_from'], ['points_per_task', 'rate_gbp_per_point', 'valid_to']),
    ('completion_method_tiers', ['completion_method'], ['tier']),
    ('environment_rules', ['rule_id'], ['precedence', 'field', 'pattern', 'environment']),
    ('task_category_rules', ['rule_id'], ['precedence', 'pattern', 'category']),
    ('period_closes', ['domain', 'period'], ['closed_on', 'closed_by']),
] -%}

with

versions as (
    {% for seed, key, columns in seeds %}
    {% if not loop.first %}union all{% endif %}
    select
        '{{ seed }}' as seed_name,
        {{ columns_as_text(key) }} as record_id,
        {{ columns_as_text(columns, with_names=true) }} as contents,
        dbt_valid_from,
        dbt_valid_to,
        case when upper(cast(dbt_is_deleted as nvarchar(10))) = 'TRUE' then 1 else 0 end as is_deletion
    from {{ ref(seed ~ '_history') }}
    {%- endfor %}

),

numbered as (

    select
        *,
        row_number() over (
            partition by seed_name, record_id order by dbt_valid_from asc, is_deletion asc
        ) as version_number,
        lag(is_deletion) over (
            partition by seed_name, record_id order by dbt_valid_from asc, is_deletion asc
        ) as was_deletion,
        lag(contents) over (
            partition by seed_name, record_id order by dbt_valid_from asc, is_deletion asc
        ) as contents_before
    from versions

),

final as (

    select
        cast(seed_name as nvarchar(50)) as seed_name,
        cast(record_id as nvarchar(255)) as record_id,
        cast(version_number as integer) as version_number,
        cast(
            case
                when is_deletion = 1 then 'deleted'
                when version_number = 1 then 'first seen'
                when was_deletion = 1 then 'restored'
                else 'edited'
            end
            as nvarchar(20)
        ) as change,
        cast(contents as nvarchar(4000)) as contents,
        cast(contents_before as nvarchar(4000)) as contents_before,
        cast(dbt_valid_from as {{ dbt.type_timestamp() }}) as valid_from,
        cast(dbt_valid_to as {{ dbt.type_timestamp() }}) as valid_to,
        {{ as_flag('case when dbt_valid_to is null and is_deletion = 0 then 1 else 0 end') }} as is_current
    from numbered

)

select * from final
