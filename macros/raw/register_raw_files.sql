{#- On the embedded engine a source is a file, <raw folder>/<schema>/<table>.parquet or .csv: before anything is built
    each becomes a view with the types of the sources' YAML. A cell that does not fit its type reads null and is counted
    as missing. An empty TIEOUT_RAW_DIR leaves the views as the last run made them. The warehouses have their sources
    already: nothing to do there. -#}
{%- macro register_raw_files() -%}
    {{- return(adapter.dispatch('register_raw_files', 'tieout')()) -}}
{%- endmacro -%}

{%- macro default__register_raw_files() -%}{%- endmacro -%}

{%- macro duckdb__register_raw_files() -%}
    {%- if not execute -%}{{- return('') -}}{%- endif -%}
    {%- set folder = env_var('TIEOUT_RAW_DIR', 'data/sample') -%}
    {%- if not folder -%}{{- return('') -}}{%- endif -%}
    {%- for source in graph.sources.values()
        if source.package_name == 'tieout' and source.config.meta.domain in enabled_domains() -%}
        {%- set stem = folder ~ '/' ~ source.source_name ~ '/' ~ source.name -%}
        {%- set found = run_query('select file from glob([' ~ text_literal(stem ~ '.parquet') ~ ', ' ~ text_literal(stem ~ '.csv') ~ ']) order by file desc limit 1').columns[0].values() -%}
        {%- set relation = api.Relation.create(database=source.database, schema=source.schema, identifier=source.identifier) -%}
        {%- do run_query('create schema if not exists ' ~ relation.without_identifier()) -%}
        {%- if not found -%}
            {%- do run_query('drop view if exists ' ~ relation) -%}
        {%- else -%}
            {%- set file = found[0] -%}
            {%- if file.endswith('.parquet') -%}
                {%- set reader = 'read_parquet(' ~ text_literal(file) ~ ')' -%}
            {%- else -%}
                {%- set reader = 'read_csv(' ~ text_literal(file) ~ ', all_varchar = true, header = true)' -%}
            {%- endif -%}
            {%- set present = run_query('describe select * from ' ~ reader).columns[0].values() | map('lower') | list -%}
            {%- set columns = [] -%}
            {%- for column in source.columns.values() -%}
                {%- if column.name in present -%}
                    {%- do columns.append('try_cast("' ~ column.name ~ '" as ' ~ column.data_type ~ ') as "' ~ column.name ~ '"') -%}
                {%- elif column.config.meta.required -%}
                    {%- do exceptions.raise_compiler_error(file ~ " has no column " ~ column.name ~ ": add it (docs: models/staging/" ~ source.source_name ~ "/_" ~ source.source_name ~ "__sources.yml).") -%}
                {%- else -%}
                    {%- do columns.append('cast(null as ' ~ column.data_type ~ ') as "' ~ column.name ~ '"') -%}
                {%- endif -%}
            {%- endfor -%}
            {%- do run_query('create or replace view ' ~ relation ~ ' as select ' ~ columns | join(', ') ~ ' from ' ~ reader) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}
