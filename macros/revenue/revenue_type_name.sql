{#- A revenue type as it is compared: trimmed and without a trailing " Revenue", in any case
    ("Subscription Revenue" is Subscription). -#}
{%- macro revenue_type_name(text) -%}
    case
        when right(upper({{ trimmed(text) }}), 8) = ' REVENUE'
            then {{ trimmed('left(' ~ trimmed(text) ~ ', ' ~ dbt.length(trimmed(text)) ~ ' - 8)') }}
        else {{ trimmed(text) }}
    end
{%- endmacro -%}
