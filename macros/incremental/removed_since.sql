{#- Keys that a model has lost in builds after the one given (int_removed_keys), as `column`: by their fingerprints, by which
    rows are found, or as they stand. The model by its name, as a unit test gives it in another relation. -#}
{%- macro removed_since(model_name, build_number, column, is_hash=true) -%}
    select {{ row_fingerprint(['removed.removed_key']) if is_hash else 'removed.removed_key' }} as {{ column }}
    from {{ ref('int_removed_keys') }} as removed
    where
        removed.model_name = '{{ model_name }}'
        and removed.build_number > {{ build_number }}
{%- endmacro -%}
