{#- dbt's statement reads all columns of all rows of the snapshot, and twice. Where the query of the snapshot gives only
    rows in question (versions_since_snapshot), DuckDB finds the rows that they are compared with first. -#}
{%- macro duckdb__snapshot_staging_table(strategy, source_sql, target_relation) -%}
    {%- if strategy.hard_deletes != 'ignore' or strategy.unique_key is not string -%}
        {{ return(default__snapshot_staging_table(strategy, source_sql, target_relation)) }}
    {%- endif -%}
    {%- set compared -%}
(
            select *
            from {{ target_relation }}
            where rowid in (
                select stored.rowid
                from {{ target_relation }} as stored
                inner join snapshot_query on stored.{{ strategy.unique_key }} = snapshot_query.{{ strategy.unique_key }}
            )
        ) as compared
    {%- endset -%}
    {{ return(default__snapshot_staging_table(strategy, source_sql, compared)) }}
{%- endmacro -%}
