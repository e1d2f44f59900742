{#- Which of several approved overrides of one task wins: the latest approval, then the greatest override_id
    (contract, section 4.1, rule 5). Order by this; the first row wins. -#}
{%- macro latest_approval_first(overrides) -%}
    {{ overrides }}.approved_on desc, {{ sort_key(overrides ~ '.override_id') }} desc
{%- endmacro -%}
