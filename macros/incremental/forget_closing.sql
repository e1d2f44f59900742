{#- Pre-hook of a model that keeps closed figures: deletes what an attempt that did not come off has kept for the
    closing being done (TIEOUT_CLOSING, `msp 2026-04-01 2026-05-05`), so that it is kept as it stands now. A run deletes
    nothing. -#}
{%- macro forget_closing(domain) -%}
    {%- set closing = env_var('TIEOUT_CLOSING', '').split(' ') -%}
    {%- if execute and is_incremental() and closing | length == 3 and closing[0] == domain -%}
        delete from {{ this }}
        where period = cast('{{ closing[1] }}' as date) and closed_on = cast('{{ closing[2] }}' as date)
    {%- endif -%}
{%- endmacro -%}
