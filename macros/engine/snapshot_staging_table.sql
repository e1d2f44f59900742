{#- dbt's statement reads all columns of all rows of the snapshot, and twice. Where the query of the snapshot gives only
    rows in question (versions_since_snapshot), DuckDB finds the rows that they are compared with first, by key_hash; a
    version without one, of a snapshot begun before there were any, always is compared. -#}
{%- macro duckdb__snapshot_staging_table(strategy, source_sql, target_relation) -%}
    {%- set known = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | list -%}
    {%- if strategy.hard_deletes != 'ignore' or 'key_hash' not in known -%}
        {{ return(default__snapshot_staging_table(strategy, source_sql, target_relation)) }}
    {%- endif -%}
    {%- set compared -%}
(
            select *
            from {{ target_relation }}
            where rowid in (
                select stored.rowid
                from {{ target_relation }} as stored
                inner join snapshot_query on stored.key_hash = snapshot_query.key_hash

                union all

                select unmarked.rowid
                from {{ target_relation }} as unmarked
                where unmarked.key_hash is null
            )
        ) as compared
    {%- endset -%}
    {{ return(default__snapshot_staging_table(strategy, source_sql, compared)) }}
{%- endmacro -%}
