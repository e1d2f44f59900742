"""The rows that fail a data quality rule, found one by one, and what they make of each table and dimension."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor

import pandas as pd

from .inputs import RAW_TABLES, Inputs, Row, Settings, code, frame, month_of, months_after, records
from .msp import ENVIRONMENTS, TIERS, ZERO, rate_finder, tier_finder
from .revenue import ENTRY_TYPES, STATUSES, Categories, Rates, mark_repostings, type_key
from .support import DONE
from .support import STATUSES as CASE_STATUSES

DIMENSIONS = ("completeness", "uniqueness", "validity", "consistency", "timeliness")
Rule = Callable[[Row], bool]


def compute(inputs: Inputs, settings: Settings) -> dict[str, pd.DataFrame]:
    """The failing rows, and the scores they make."""
    failing = failing_rows(inputs, settings)
    return {"dq_failing_rows": failing, "data_quality_score": scores(inputs, failing)}


def scores(inputs: Inputs, failing: pd.DataFrame) -> pd.DataFrame:
    """Rows checked and failed and the score of each table and domain.

    Reading: uniqueness checks the raw rows, every other dimension those left after deduplication.
    Reading: a row that fails two rules of a dimension is one failed row; surplus copies are one each.
    Reading: a score is 100 x (1 - failed / checked), rounded down so that only clean input has 100; nothing checked is
    clean. A row `overall` has the mean of the scores shown by data_quality_weights, rounded down again; a
    table `all` has the rows of its domain.
    """
    surplus: dict[tuple[str, str], int] = defaultdict(int)
    failed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in records(failing):
        if row["rule_name"] == "duplicate_key":
            surplus[(row["table_name"], row["dimension"])] += row["failed_rows"]
        else:
            failed[(row["table_name"], row["dimension"])].add(row["record_id"])
    counted: dict[tuple[str, str], dict[str, list[int]]] = {}
    for name, table in RAW_TABLES.items():
        if name not in inputs.raw:
            continue
        for dimension in DIMENSIONS:
            checked = len(inputs.raw[name] if dimension == "uniqueness" else inputs.latest[name])
            wrong = len(failed[(name, dimension)]) + surplus[(name, dimension)]
            for subject in ((table.domain, name), (table.domain, "all")):
                count = counted.setdefault(subject, {}).setdefault(dimension, [0, 0])
                count[0] += checked
                count[1] += wrong
    weights = {code(row["dimension"]): Fraction(row["weight"]) for row in inputs.seed("data_quality_weights")}
    rows = []
    for (domain, table_name), counts in counted.items():
        shown = {name: _score(1 - Fraction(wrong, max(checked, 1))) for name, (checked, wrong) in counts.items()}
        weighted = Fraction(sum(Fraction(score) * weights[code(name)] for name, score in shown.items()))
        counts["overall"] = [sum(count[side] for count in counts.values()) for side in (0, 1)]
        shown["overall"] = _score(weighted / Fraction(sum(weights.values())) / 100)
        for dimension, (checked, wrong) in counts.items():
            rows.append(
                {
                    "domain": domain,
                    "table_name": table_name,
                    "dimension": dimension,
                    "checked_rows": checked,
                    "failed_rows": wrong,
                    "score": shown[dimension],
                }
            )
    return frame(rows, ["domain", "table_name", "dimension", "checked_rows", "failed_rows", "score"])


def _score(share: Fraction) -> Decimal:
    return Decimal(floor(share * 1_000_000)).scaleb(-4)


def failing_rows(inputs: Inputs, settings: Settings) -> pd.DataFrame:
    rows = []
    for name, rules in _rules(inputs, settings).items():
        table = RAW_TABLES[name]
        for row in inputs.rows(name):
            for rule_name, (dimension, fails) in rules.items():
                if fails(row):
                    rows.append(
                        {
                            "domain": table.domain,
                            "table_name": name,
                            "dimension": dimension,
                            "rule_name": rule_name,
                            "record_id": row[table.key],
                            "failed_rows": row["copies"] - 1 if rule_name == "duplicate_key" else 1,
                        }
                    )
    return frame(rows, ["domain", "table_name", "dimension", "rule_name", "record_id", "failed_rows"])


def _missing(column: str) -> Rule:
    return lambda row: row[column] is None


def _unknown(column: str, names: set[str]) -> Rule:
    return lambda row: row[column] is not None and code(row[column]) not in names


def _orphan(column: str, keys: set[str]) -> Rule:
    return lambda row: row[column] is not None and code(row[column]) not in keys


def _before(earlier: str, later: str) -> Rule:
    """The moment that should be later comes earlier."""
    return lambda row: row[earlier] is not None and row[later] is not None and row[earlier] < row[later]


def _day_before(moment: str, day: str) -> Rule:
    return lambda row: row[moment] is not None and row[day] is not None and row[moment].date() < row[day]


def _not_first_day(column: str) -> Rule:
    return lambda row: row[column] is not None and row[column].day != 1


def _days_after_month(moment: str, month: str, days: int) -> Rule:
    def fails(row: Row) -> bool:
        if row[moment] is None or row[month] is None:
            return False
        limit = months_after(month_of(row[month]), 1) + timedelta(days=days)
        at: date = row[moment].date() if isinstance(row[moment], datetime) else row[moment]
        return at >= limit

    return fails


def _rules(inputs: Inputs, settings: Settings) -> dict[str, dict[str, tuple[str, Rule]]]:
    """All rules of the tables that are there: table, rule, dimension and the test of a row.

    Reading: the rules look at rows as they now stand, whatever as_of is.
    Reading: a status or code that is null fails the rule of completeness and not that of validity.
    """
    rules: dict[str, dict[str, tuple[str, Rule]]] = {}

    def add(table: str, dimension: str, **checks: Rule) -> None:
        rules.setdefault(table, {}).update({name: (dimension, check) for name, check in checks.items()})

    for table in RAW_TABLES:
        if table in inputs.raw:
            add(table, "completeness", missing_key=lambda row: row["is_missing_key"])
            add(table, "uniqueness", duplicate_key=lambda row: row["copies"] > 1)
    if inputs.has("msp"):
        _add_msp(inputs, add)
    if inputs.has("revenue"):
        _add_revenue(inputs, settings, add)
    if inputs.has("support"):
        _add_support(inputs, add)
    return rules


def _keys(inputs: Inputs, table: str) -> set[str]:
    return {row["key"] for row in inputs.rows(table)}


def _add_msp(inputs: Inputs, add: Callable[..., None]) -> None:
    """Reading: `Unassigned`, `Untiered` and `All` written out on an invoice are known codes."""
    tickets, assets = _keys(inputs, "service_tickets"), _keys(inputs, "hardware_assets")
    requests = _keys(inputs, "software_requests")
    methods = {code(row["completion_method"]) or "" for row in inputs.seed("completion_method_tiers")}
    tier_of, rate_on = tier_finder(inputs), rate_finder(inputs)

    def completed(row: Row) -> bool:
        return code(row["task_status"]) == "COMPLETED"

    def no_rate(row: Row) -> bool:
        tier = tier_of(row["completion_method"])
        if not completed(row) or row["completed_at"] is None or tier == "Untiered":
            return False
        return rate_on(tier, row["completed_at"].date()) == (ZERO, ZERO)

    add(
        "service_tickets",
        "completeness",
        missing_ticket_type=_missing("ticket_type"),
        missing_opened_at=_missing("opened_at"),
    )
    add(
        "service_tickets",
        "validity",
        unknown_ticket_type=_unknown("ticket_type", {"INCIDENT", "SERVICE_REQUEST", "CHANGE"}),
    )
    add("service_tickets", "consistency", closed_before_opened=_before("closed_at", "opened_at"))
    add("service_tickets", "timeliness", updated_before_opened=_before("updated_at", "opened_at"))
    add(
        "service_tasks",
        "completeness",
        missing_ticket_id=_missing("ticket_id"),
        missing_task_status=_missing("task_status"),
        missing_completion_method=lambda row: completed(row) and row["completion_method"] is None,
        missing_completed_at=lambda row: completed(row) and row["completed_at"] is None,
    )
    unknown_method = _unknown("completion_method", methods)
    add(
        "service_tasks",
        "validity",
        unknown_task_status=_unknown("task_status", {"OPEN", "COMPLETED", "CANCELLED"}),
        unknown_completion_method=lambda row: completed(row) and unknown_method(row),
        non_positive_quantity=lambda row: row["quantity"] is not None and row["quantity"] <= 0,
        no_rate_on_completion_day=no_rate,
    )
    add(
        "service_tasks",
        "consistency",
        orphan_ticket=_orphan("ticket_id", tickets),
        orphan_asset=_orphan("asset_tag", assets),
        orphan_software_request=_orphan("software_request_id", requests),
        completed_before_started=_before("completed_at", "started_at"),
    )
    add("service_tasks", "timeliness", updated_before_completed=_before("updated_at", "completed_at"))
    add("hardware_assets", "completeness", missing_asset_type=_missing("asset_type"))
    add(
        "software_requests",
        "completeness",
        missing_product=_missing("product"),
        missing_requested_at=_missing("requested_at"),
    )
    add("software_requests", "consistency", orphan_ticket=_orphan("ticket_id", tickets))
    add(
        "msp_invoice_lines",
        "completeness",
        **{f"missing_{column}": _missing(column) for column in ("billing_month", "environment", "tier", "amount_gbp")},
    )
    add(
        "msp_invoice_lines",
        "validity",
        unknown_environment=_unknown("environment", {code(environment) or "" for environment in ENVIRONMENTS}),
        unknown_tier=_unknown("tier", {code(tier) or "" for tier in TIERS}),
        billing_month_not_first_day=_not_first_day("billing_month"),
    )
    add("msp_invoice_lines", "timeliness", received_late=_days_after_month("received_on", "billing_month", 60))


def _add_revenue(inputs: Inputs, settings: Settings, add: Callable[..., None]) -> None:
    """Reading: only a deal that was won, as one cancelled with a date was, has an invalid duration.

    Reading: an entry of no known deal has no other currency than its deal's, and so no missing rate.
    Reading: a null entry type is an unknown one, as no rule of completeness names it.
    Reading: all entries are looked at for re-postings, those posted after as_of too.
    """
    rates, categories = Rates(inputs, settings), Categories(inputs)
    types = {type_key(row["revenue_type"]) for row in inputs.seed("revenue_types")}
    deals = {row["key"]: row for row in inputs.rows("deals")}
    entries = inputs.rows("revenue_entries")
    mark_repostings(entries)
    reposted = {row["key"] for row in entries if row["is_reposted"]}

    def unknown_type(row: Row) -> bool:
        return row["revenue_type"] is not None and type_key(row["revenue_type"]) not in types

    def status(row: Row) -> str | None:
        return STATUSES.get(code(row["deal_status"]) or "")

    def invalid_duration(row: Row) -> bool:
        recurring = categories.of(row["revenue_type"]) == "recurring"
        is_won = status(row) == "won" or (status(row) == "cancelled" and row["cancelled_on"] is not None)
        return is_won and recurring and (row["duration_months"] or 0) <= 0

    def missing_rate(row: Row) -> bool:
        deal: Row | None = deals.get(code(row["deal_id"]) or "")
        if deal is None or row["recognition_period"] is None:
            return False
        into = code(deal["currency_code"]) or rates.reporting
        currency = code(row["currency_code"]) or into
        month: date = month_of(row["recognition_period"])
        return currency != into and None in (rates.to_reporting(currency, month), rates.to_reporting(into, month))

    deal_columns = ["customer_id", "contract_value", "booked_on", "deal_status", "currency_code", "revenue_type"]
    add("deals", "completeness", **{f"missing_{column}": _missing(column) for column in deal_columns})
    add(
        "deals",
        "validity",
        unknown_revenue_type=unknown_type,
        unknown_deal_status=_unknown("deal_status", set(STATUSES)),
        unknown_currency_code=_unknown("currency_code", {currency or "" for currency in rates.currencies}),
        invalid_duration=invalid_duration,
    )
    add(
        "deals",
        "consistency",
        end_before_start=_before("end_date", "start_date"),
        cancelled_without_date=lambda row: status(row) == "cancelled" and row["cancelled_on"] is None,
        cancelled_before_booked=_before("cancelled_on", "booked_on"),
    )
    add("deals", "timeliness", updated_before_booked=_day_before("updated_at", "booked_on"))
    entry_columns = [
        "deal_id",
        "recognition_period",
        "recognized_amount",
        "posted_at",
        "currency_code",
        "revenue_type",
    ]
    add("revenue_entries", "completeness", **{f"missing_{column}": _missing(column) for column in entry_columns})
    add("revenue_entries", "uniqueness", reposted_entry=lambda row: row["key"] in reposted)
    add(
        "revenue_entries",
        "validity",
        unknown_revenue_type=unknown_type,
        unknown_entry_type=lambda row: code(row["entry_type"]) not in ENTRY_TYPES,
        recognition_period_not_first_day=_not_first_day("recognition_period"),
        missing_fx_rate=missing_rate,
    )
    add("revenue_entries", "consistency", orphan_deal=_orphan("deal_id", set(deals)))
    late = _days_after_month("posted_at", "recognition_period", 45)
    add(
        "revenue_entries",
        "timeliness",
        posted_late=lambda row: code(row["entry_type"]) == "RECOGNITION" and late(row),
    )


def _add_support(inputs: Inputs, add: Callable[..., None]) -> None:
    """Reading: a case without a status is not known to be open, and so not resolved while open.

    Reading: the events of a case are compared with its row where they are usable: a moment that is not before the
    creation, and a known status.
    """
    cases = {row["key"]: row for row in inputs.rows("support_cases")}
    logs = _event_logs(inputs, cases)
    cases_with_events = {code(row["case_id"]) for row in inputs.rows("support_case_events")}
    statuses = {status.upper() for status in CASE_STATUSES}

    def done(row: Row) -> bool:
        return code(row["case_status"]) in DONE

    def log_of(row: Row) -> list[tuple[str, datetime]]:
        return logs.get(row["key"], [])

    def pairs(row: Row) -> list[tuple[str, str]]:
        statuses = [status for status, _ in log_of(row)]
        return list(pairwise(statuses))

    def is_outside_calendar(row: Row) -> bool:
        return row["created_at"] is not None and not 1900 <= row["created_at"].year < 2080

    def out_of_order(row: Row) -> bool:
        seen = [status for status, _ in log_of(row)]
        is_new_again = "NEW" in seen[next((n for n, status in enumerate(seen) if status != "NEW"), len(seen)) :]
        return is_new_again or ("CLOSED", "RESOLVED") in pairs(row)

    def status_contradicts(row: Row) -> bool:
        return bool(log_of(row)) and code(row["case_status"]) in statuses - {log_of(row)[-1][0]}

    def resolution_without_event(row: Row) -> bool:
        resolution = row["resolved_at"] if row["resolved_at"] is not None else row["closed_at"]
        if not done(row) or resolution is None or not log_of(row):
            return False
        if row["created_at"] is not None and resolution < row["created_at"]:
            return False
        return not any(status in DONE and at == resolution for status, at in log_of(row))

    def reopened_count_contradicts(row: Row) -> bool:
        was_reopened = any(before in DONE and after not in DONE for before, after in pairs(row))
        return bool(log_of(row)) and row["reopened_count"] is not None and (row["reopened_count"] > 0) != was_reopened

    def event_before_creation(row: Row) -> bool:
        case = cases.get(code(row["case_id"]) or "")
        if case is None or case["created_at"] is None or row["occurred_at"] is None:
            return False
        return bool(row["occurred_at"] < case["created_at"])

    add(
        "support_cases",
        "completeness",
        missing_priority=_missing("priority"),
        missing_created_at=_missing("created_at"),
        missing_case_status=_missing("case_status"),
        missing_resolved_at=lambda row: done(row) and row["resolved_at"] is None and row["closed_at"] is None,
        missing_events=lambda row: not row["is_missing_key"] and row["key"] not in cases_with_events,
    )
    add(
        "support_cases",
        "validity",
        unknown_case_status=_unknown("case_status", statuses),
        created_outside_calendar=is_outside_calendar,
    )
    add(
        "support_cases",
        "consistency",
        first_response_before_creation=_before("first_responded_at", "created_at"),
        resolved_before_creation=_before("resolved_at", "created_at"),
        closed_before_resolved=_before("closed_at", "resolved_at"),
        resolved_while_open=lambda row: (
            row["case_status"] is not None and not done(row) and row["resolved_at"] is not None
        ),
        events_out_of_order=out_of_order,
        events_repeat_a_status=lambda row: any(before == after for before, after in pairs(row)),
        status_contradicts_events=status_contradicts,
        resolution_without_event=resolution_without_event,
        reopened_count_contradicts_events=reopened_count_contradicts,
    )
    add("support_cases", "timeliness", updated_before_created=_before("updated_at", "created_at"))
    add(
        "support_case_events",
        "completeness",
        missing_case_id=_missing("case_id"),
        missing_case_status=_missing("case_status"),
        missing_occurred_at=_missing("occurred_at"),
    )
    add("support_case_events", "validity", unknown_case_status=_unknown("case_status", statuses))
    add(
        "support_case_events",
        "consistency",
        orphan_case=_orphan("case_id", set(cases)),
        event_before_creation=event_before_creation,
    )


def _event_logs(inputs: Inputs, cases: dict[str, Row]) -> dict[str, list[tuple[str, datetime]]]:
    """Status and moment of the usable events of each case, in their order."""
    known = {status.upper() for status in CASE_STATUSES}
    events: dict[str, list[Row]] = defaultdict(list)
    for event in inputs.rows("support_case_events"):
        case = cases.get(code(event["case_id"]) or "")
        if case is None or event["occurred_at"] is None or code(event["case_status"]) not in known:
            continue
        if case["created_at"] is None or event["occurred_at"] >= case["created_at"]:
            events[case["key"]].append(event)
    return {
        key: [
            (code(event["case_status"]) or "", event["occurred_at"])
            for event in sorted(log, key=lambda event: (event["occurred_at"], event["key"]))
        ]
        for key, log in events.items()
    }
