{#- Sum of fingerprints: of millions of them it fits no bigint. DuckDB's own sum of a bigint does, and costs half. -#}
{%- macro sum_of_fingerprints(column) -%}
    {{- return(adapter.dispatch('sum_of_fingerprints', 'tieout')(column)) -}}
{%- endmacro -%}

{%- macro default__sum_of_fingerprints(column) -%}
    sum(cast({{ column }} as decimal(38, 0)))
{%- endmacro -%}

{%- macro duckdb__sum_of_fingerprints(column) -%}
    sum({{ column }})
{%- endmacro -%}
