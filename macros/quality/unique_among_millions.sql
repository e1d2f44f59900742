{#- Generic test `unique_among_millions`: as `unique`, at half of what it costs. Texts that are the same have the same
    fingerprint: where there are as many fingerprints as rows, no text is there twice. Only where there are fewer are the
    texts themselves grouped (joined, not filtered, so that they are not read otherwise). Nulls are for not_null.

    fingerprint: a column that holds one of each text already. -#}
{%- macro test_unique_among_millions(model, column_name, fingerprint=none) -%}
with

fingerprints as (

    select {{ fingerprint or row_fingerprint([column_name]) }} as fingerprint
    from {{ model }}
    where {{ column_name }} is not null

),

row_total as (

    select count(*) as row_count from fingerprints

),

fingerprint_total as (

    select count(*) as row_count
    from (select distinct fingerprint from fingerprints) as distinct_fingerprints

),

repetitions_found as (

    select 1 as is_found
    from row_total
    cross join fingerprint_total
    where row_total.row_count > fingerprint_total.row_count

),

repeated as (

    select texts.{{ column_name }} as repeated_value
    from {{ model }} as texts
    inner join repetitions_found
        on case when texts.{{ column_name }} is null then 0 else 1 end = repetitions_found.is_found
    group by texts.{{ column_name }}
    having count(*) > 1

)

select * from repeated
{%- endmacro -%}
