{#- A tier code, matched trimmed and case-blind, in the contract's own spelling; an unknown one as it stands. -#}
{%- macro tier_name(text) -%}
    case {{ match_key(text) }}
        when 'SIMPLE' then 'Simple'
        when 'MODERATE' then 'Moderate'
        when 'COMPLEX' then 'Complex'
        when 'UNTIERED' then 'Untiered'
        when 'ALL' then 'All'
        else {{ trimmed(text) }}
    end
{%- endmacro -%}
