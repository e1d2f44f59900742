{#- Operation: drops the schemas in which `tieout rules diff` tried edited rules, and no others. -#}
{%- macro drop_scratch_schemas() -%}
    {%- if not target.schema.lower().endswith('_rules_diff') -%}
        {%- do exceptions.raise_compiler_error("The schema " ~ target.schema ~ " is no scratch schema: nothing is dropped.") -%}
    {%- endif -%}
    {%- for suffix in ['', '_staging', '_intermediate', '_seeds', '_snapshots'] -%}
        {%- do adapter.drop_schema(api.Relation.create(database=target.database, schema=target.schema ~ suffix)) -%}
    {%- endfor -%}
{%- endmacro -%}
