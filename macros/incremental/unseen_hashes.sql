{#- Hashes, in the column `hash`, of which a parent has written or lost a row that is not seen yet (`unseen`, as unseen_since
    tells it); where that may be any of them, also those that only the model (`this`) has by now. -#}
{%- macro unseen_hashes(parent_model, unseen, hash) -%}
    select seen.{{ hash }}
    from {{ ref(parent_model) }} as seen
    where seen.build_number > {{ unseen.after }}

    union

    {{ removed_since(parent_model, unseen.after, hash) }}
    {%- if unseen.is_all %}

    union

    select {{ hash }}
    from {{ this }}
    {%- endif %}
{%- endmacro -%}
