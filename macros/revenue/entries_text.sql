{#- How many entries, in words: 1 entry, 2 entries. -#}
{%- macro entries_text(count, kind='') -%}
    case
        when {{ count }} = 1 then '1 {{ kind }}entry'
        else concat(cast({{ count }} as nvarchar(20)), ' {{ kind }}entries')
    end
{%- endmacro -%}
