{#- The moment a run looks at, as a literal: var as_of, else TIEOUT_AS_OF, else the start of the run. The only clock.
    Only int_run_settings may call it: every other model reads the moment from there. -#}
{%- macro as_of_literal() -%}
    {%- set given = (var('as_of', '') or env_var('TIEOUT_AS_OF', '')) | string -%}
    {%- if given -%}
        {%- set moment = modules.datetime.datetime.fromisoformat(given | trim | replace('Z', '+00:00')) -%}
        {%- if moment.tzinfo -%}{%- set moment = moment.astimezone(modules.pytz.utc) -%}{%- endif -%}
    {%- else -%}
        {%- set moment = run_started_at -%}
    {%- endif -%}
    {{- return("cast('" ~ moment.strftime('%Y-%m-%d %H:%M:%S') ~ "' as " ~ dbt.type_timestamp() ~ ")") -}}
{%- endmacro -%}
