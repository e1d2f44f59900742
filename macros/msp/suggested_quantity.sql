{#- How many of a thing an upper-case description speaks of ("x3 monitors", "2 laptops", "qty 4"); null where of none.
    A hint for a person: nothing is ever valued by it. -#}
{%- macro suggested_quantity(text) -%}
    {%- set words_after = ['X', ' X'] -%}
    {%- for thing in [
        'ADAPTERS', 'CABLES', 'DESKS', 'DESKTOPS', 'DEVICES', 'DOCKS', 'HANDSETS', 'HEADSETS', 'KEYBOARDS', 'LAPTOPS',
        'LICENCES', 'LICENSES', 'MACHINES', 'MICE', 'MONITORS', 'PCS', 'PHONES', 'PRINTERS', 'SCREENS', 'TABLETS',
        'UNITS', 'USERS', 'WORKSTATIONS'
    ] -%}
        {%- do words_after.append(' ' ~ thing) -%}
    {%- endfor -%}
    coalesce(
            {{ number_in_text(text, before=['X', 'X ', 'QTY ', 'QTY: ', 'QTY:', 'QUANTITY ', 'QUANTITY: ']) }},
            {{ number_in_text(text, after=words_after) }}
        )
{%- endmacro -%}
