{{
    config(
        materialized='incremental',
        unique_key='key_hash',
        indexes=index_on(['key_hash']),
        post_hook=["{{ keep_removed_keys('asset_key') }}", "{{ delete_gone_keys() }}"]
    )
}}

with

source as (

    select * from {{ source('service_desk', 'hardware_assets') }}

),

{{ changed_rows(
    raw_table=source('service_desk', 'hardware_assets'),
    columns=['asset_tag', 'asset_type', 'model', 'site_code', 'cost_centre', 'updated_at']
) }},

cleaned as (

    select
        {{ trimmed('asset_tag') }} as asset_tag,
        {{ trimmed('asset_type') }} as asset_type,
        {{ trimmed('model') }} as asset_model,
        {{ trimmed('site_code') }} as site_code,
        {{ trimmed('cost_centre') }} as cost_centre,
        updated_at,
        row_hash
    from changed

),

{{ latest_version_of_each_key(
    id='asset_tag',
    key='asset_key',
    columns=['asset_type', 'asset_model', 'site_code', 'cost_centre', 'updated_at'],
    tie_breakers=[
        sort_key('cost_centre'), sort_key('site_code'), sort_key('asset_type'), sort_key('asset_model'),
        sort_key('asset_tag')
    ],
    read_columns=['site_code', 'cost_centre']
) }},

flagged as (

    select
        *,
        case when asset_type is null then 1 else 0 end as is_missing_asset_type
    from latest

)

select * from flagged
