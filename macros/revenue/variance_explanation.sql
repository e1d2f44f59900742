{#- What is wrong with a row of booked and recognized revenue, and what to check, in one sentence. Only rows with a
    difference are put into words: most of them have none. It reads the texts of the amounts, each written once before: spelled
    out in every branch they would make a statement too long for some parsers. -#}
{%- macro variance_explanation() -%}
    {%- set month = 'revenue_month_text' -%}
    {%- set booked = 'booked_text' -%}
    {%- set recognized = 'recognized_text' -%}
    {%- set difference = 'variance_text' -%}
    {%- set within_tolerance = 'variance_size <= variance_tolerance * booked_size' -%}
    {%- set is_surplus = 'abs(recognized_amount) > booked_size' -%}
    {%- set category = "replace(revenue_category, '_', '-')" -%}
    concat(
        case
            when cause = 'matched' and variance_amount = 0 then 'Recognized as booked.'
            when cause = 'matched' then 'Recognized as booked, within the tolerance.'
            when cause = 'duplicate_entry' then concat(
                {{ entries_text('reposted_entry_count', 're-posted ') }}, ' in ', {{ month }}, ' left out of the sum; ',
                case
                    when {{ within_tolerance }} then 'what remains agrees with what is booked: reverse the re-postings.'
                    else concat(
                        'what remains is ', {{ recognized }}, ' for ', {{ booked }},
                        ' booked: check the amounts, then reverse the re-postings.'
                    )
                end
            )
            when cause = 'currency_mismatch' then concat(
                {{ entries_text('other_currency_entry_count') }}, ' in ', {{ month }},
                ' in another currency than ', currency_code, ', that of the deal; ',
                case
                    when missing_fx_rate_count > 0 then concat(
                        {{ entries_text('missing_fx_rate_count') }},
                        ' left out of the sum, as there is no rate to convert with: add it to fx_rates.'
                    )
                    when {{ within_tolerance }}
                        then 'converted, they agree with what is booked: check which currency is the right one.'
                    else concat(
                        'converted, ', {{ recognized }}, ' is recognized for ', {{ booked }},
                        ' booked: check whether the currency or the amount is wrong.'
                    )
                end
            )
            when cause = 'type_mismatch' and {{ is_surplus }} then concat(
                'Recognized ', {{ difference }}, ' as ', {{ category }}, ' in ', {{ month }},
                ', booked under another category of the deal: check the revenue type of the entries.'
            )
            when cause = 'type_mismatch' then concat(
                'Booked ', {{ difference }}, ' as ', {{ category }}, ' in ', {{ month }},
                ', recognized under another category of the deal: check the revenue type of the entries.'
            )
            when cause = 'timing_shift' and {{ is_surplus }} then concat(
                'Recognized ', {{ difference }}, ' in ', {{ month }}, ', one month ',
                case when shifted_with = 'earlier' then 'after' else 'before' end,
                ' it was booked: check the recognition period of the entries.'
            )
            when cause = 'timing_shift' then concat(
                'Booked ', {{ difference }}, ' in ', {{ month }}, ', recognized one month ',
                case when shifted_with = 'earlier' then 'earlier' else 'later' end,
                ': check the recognition period of the entries.'
            )
            when cause = 'missing_recognition' and entry_count = 0 then concat(
                'Booked ', {{ booked }}, ' in ', {{ month }},
                ', nothing recognized: check whether the entry was not posted, or names another deal.'
            )
            when cause = 'missing_recognition' then concat(
                'Booked ', {{ booked }}, ' in ', {{ month }}, ', but its ', {{ entries_text('entry_count') }},
                ' come to nothing: check the reversals and amounts.'
            )
            when cause = 'unbooked_recognition' and deal_key = '(NONE)' then concat(
                'Recognized ', {{ recognized }}, ' in ', {{ month }}, ' without a deal: name the deal on ',
                {{ entries_text('entry_count') }}, '.'
            )
            when cause = 'unbooked_recognition' and is_known_deal = 0 then concat(
                'Recognized ', {{ recognized }}, ' in ', {{ month }},
                ' on a deal that is not known, or not booked yet: check the deal named on the entries.'
            )
            when cause = 'unbooked_recognition' then concat(
                'Recognized ', {{ recognized }}, ' in ', {{ month }},
                ' on a deal that is not won: check the status of the deal, or reverse the entries.'
            )
            when cause = 'recognized_outside_term' then concat(
                'Recognized ', {{ recognized }}, ' in ', {{ month }},
                ', a month outside the term of the deal: check its start, length and end, or the period of the entries.'
            )
            else concat(
                'Recognized ', {{ recognized }}, ' in ', {{ month }}, ' for ', {{ booked }}, ' booked, ',
                {{ difference }}, case when variance_amount > 0 then ' too much' else ' too little' end,
                ': check the amount of the entries and the value of the deal.'
            )
        end,
        case
            when reporting_rate is null then concat(
                ' No rate for ', currency_code, ' in ', {{ month }},
                ': it is in no figure in the reporting currency until fx_rates has one.'
            )
            else ''
        end
    )
{%- endmacro -%}
