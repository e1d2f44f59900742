{#- A table as the last run left it, for a model that comes before it: a ref would be a cycle. none where there is nothing
    to go by: it was never built, or all is to be built anew. A unit test overrides this macro. -#}
{%- macro built_by_the_last_run(model_name) -%}
    {%- if not execute or should_full_refresh() -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set model_node = graph.nodes['model.' ~ project_name ~ '.' ~ model_name] -%}
    {%- set built = load_relation(
        api.Relation.create(database=model_node.database, schema=model_node.schema, identifier=model_node.alias)
    ) -%}
    {{- return(built if built is not none and built.is_table else none) -}}
{%- endmacro -%}
