{#- A number written by hand, with ten decimals; null where the text is no plain number or one above 10^12, which no
    figure of ours can be. An exponent is refused: the engines read it differently. -#}
{%- macro plain_number(text) -%}
    cast(
        case
            when upper({{ text }}) like '%E%' then null
            when abs(try_cast({{ text }} as decimal(28, 10))) > 1000000000000 then null
            else try_cast({{ text }} as decimal(28, 10))
        end as decimal(28, 10)
    )
{%- endmacro -%}
