{#- The domains this run builds. While dbt parses, all of them, so that the graph is always whole. -#}
{%- macro enabled_domains() -%}
    {%- set all_domains = var('domains') -%}
    {%- set narrowed = env_var('TIEOUT_DOMAINS', '') -%}
    {%- if not execute or not narrowed -%}
        {{- return(all_domains) -}}
    {%- endif -%}
    {%- set asked = narrowed.split(',') | map('trim') | list -%}
    {{- return(all_domains | select('in', asked) | list) -}}
{%- endmacro -%}
