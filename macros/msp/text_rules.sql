{#- The text rules, in the order in which they are tried, as a list of {rule_position, rule_id, field_name,
    pattern}: the model that tries them writes each pattern into its SQL as a literal. With the pattern in a column
    DuckDB compiles it once per row and is some 200 times slower. A unit test overrides this macro with the rules it
    needs. -#}
{%- macro text_rules(relation) -%}
    {%- set rules = [] -%}
    {%- if execute and load_relation(relation) is not none -%}
        {%- set found = run_query(
            'select rule_position, field_name, pattern, rule_id from ' ~ relation ~ ' order by field_name, rule_position'
        ) -%}
        {%- for row in found.rows -%}
            {%- do rules.append({
                'rule_position': row[0] | int, 'field_name': row[1], 'pattern': row[2], 'rule_id': row[3]
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return(rules) -%}
{%- endmacro -%}
