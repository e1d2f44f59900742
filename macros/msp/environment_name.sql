{#- An environment code, matched trimmed and case-blind, in the contract's spelling; an unknown one as it stands. -#}
{%- macro environment_name(text) -%}
    case {{ match_key(text) }}
        when 'CORPORATE' then 'Corporate'
        when 'CONTACT CENTER' then 'Contact Center'
        when 'UNASSIGNED' then 'Unassigned'
        else {{ trimmed(text) }}
    end
{%- endmacro -%}
