{#- Config `indexes` of a big table whose rows are looked up or replaced by these columns. SQL Server keeps tables as
    columnstore, which is quick to add up and slow to find a row in; the other engines need no index. -#}
{%- macro index_on(columns) -%}
    {{- return(adapter.dispatch('index_on', 'tieout')(columns)) -}}
{%- endmacro -%}

{%- macro default__index_on(columns) -%}
    {{- return([]) -}}
{%- endmacro -%}

{%- macro sqlserver__index_on(columns) -%}
    {{- return([{'columns': columns, 'type': 'nonclustered'}]) -}}
{%- endmacro -%}
