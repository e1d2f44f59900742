"""Section 4.1: what the work of the managed service provider is worth, and what it invoiced."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache

import pandas as pd

from .exact import ratio, rounded
from .inputs import Inputs, Row, Settings, code, frame, month_of, months_after, records

ZERO = Decimal(0)
Cell = tuple[date, str, str]

ENVIRONMENTS = ("Corporate", "Contact Center", "Unassigned")
TIERS = ("Simple", "Moderate", "Complex", "Untiered", "All")


def compute(inputs: Inputs, settings: Settings) -> dict[str, pd.DataFrame]:
    tasks = valued_tasks(inputs, settings)
    audit, adjustments = _override(inputs, settings, tasks)
    cost = _cost_rows(tasks, adjustments)
    lines = invoice_lines(inputs, settings)
    variance = _invoice_variance(inputs, settings, tasks, cost, lines)
    return {
        "fct_service_tasks": _task_frame(tasks),
        "rpt_msp_cost_monthly": _cost_monthly(cost),
        "rpt_msp_cost_rolling_12m": _rolling(cost, settings),
        "rpt_msp_invoice_variance": variance,
        "rpt_msp_invoice_variance_details": _invoice_variance_details(variance, cost, lines),
        "rpt_msp_override_audit": audit,
        "rpt_msp_resource_utilization": _utilization(tasks),
        "rpt_msp_technician_load": _technician_load(tasks),
        "rpt_msp_volume_distribution": _volume_distribution(cost),
    }


def valued_tasks(inputs: Inputs, settings: Settings) -> list[Row]:
    """Tasks completed by as_of with what they are worth before any override.

    Reading: fct_service_tasks holds the valued tasks and no others.
    Reading: `quantity` shows what is valued by: null reads 1; zero or negative stays as it is and is worth nothing.
    Reading: an Untiered task, and one whose tier has no rate that day, has the rate 0.
    """
    tickets = {row["key"]: row for row in inputs.rows("service_tickets")}
    assets = {row["key"]: row for row in inputs.rows("hardware_assets")}
    environment_of = environment_finder(inputs)
    category_of = category_finder(inputs)
    tier_of = tier_finder(inputs)
    rate_on = rate_finder(inputs)
    tasks = []
    for task in inputs.rows("service_tasks"):
        if code(task["task_status"]) != "COMPLETED" or task["completed_at"] is None:
            continue
        if task["completed_at"] > settings.as_of:
            continue
        quantity = 1 if task["quantity"] is None else task["quantity"]
        tier = tier_of(task["completion_method"])
        points_per_task, rate = rate_on(tier, task["completed_at"].date())
        points = points_per_task * max(quantity, 0)
        tasks.append(
            {
                **task,
                "billing_month": month_of(task["completed_at"]),
                "environment": environment_of(
                    tickets.get(code(task["ticket_id"]) or ""), assets.get(code(task["asset_tag"]) or "")
                ),
                "category": category_of(task["task_description"]),
                "quantity": quantity,
                "tier": tier,
                "rate_gbp_per_point": rate,
                "activity_points": points,
                "amount_gbp": rounded(points * rate),
                "base_tier": tier,
                "base_points": points,
                "base_amount": rounded(points * rate),
                "override_id": None,
                "is_overridden": False,
            }
        )
    return tasks


def environment_finder(inputs: Inputs) -> Callable[[Row | None, Row | None], str]:
    """Reading: of two rules of one precedence the lower rule_id is tried first."""
    rules = sorted(inputs.seed("environment_rules"), key=lambda rule: (rule["precedence"], rule["rule_id"]))
    compiled = [
        ((rule["field"] or "").lower(), re.compile(rule["pattern"], re.IGNORECASE), rule["environment"])
        for rule in rules
    ]

    @cache
    def found(cost_centre: str | None, site_code: str | None, short_description: str | None) -> str:
        fields = {"cost_centre": cost_centre, "site_code": site_code, "short_description": short_description}
        for name, pattern, environment in compiled:
            text = fields.get(name)
            if text is not None and pattern.search(text):
                return known(environment, ENVIRONMENTS)
        return "Unassigned"

    def environment_of(ticket: Row | None, asset: Row | None) -> str:
        ticket, asset = ticket or {}, asset or {}
        return found(
            ticket.get("cost_centre") or asset.get("cost_centre"),
            ticket.get("site_code") or asset.get("site_code"),
            ticket.get("short_description"),
        )

    return environment_of


def category_finder(inputs: Inputs) -> Callable[[str | None], str]:
    rules = sorted(inputs.seed("task_category_rules"), key=lambda rule: (rule["precedence"], rule["rule_id"]))
    compiled = [(re.compile(rule["pattern"], re.IGNORECASE), rule["category"]) for rule in rules]

    @cache
    def category_of(description: str | None) -> str:
        for pattern, category in compiled:
            if description is not None and pattern.search(description):
                return str(category)
        return "Unclassified"

    return category_of


def tier_finder(inputs: Inputs) -> Callable[[str | None], str]:
    tiers = {code(row["completion_method"]): row["tier"] for row in inputs.seed("completion_method_tiers")}

    def tier_of(method: str | None) -> str:
        tier = tiers.get(code(method)) if method is not None else None
        return "Untiered" if tier is None else known(tier, TIERS)

    return tier_of


def rate_finder(inputs: Inputs) -> Callable[[str, date], tuple[Decimal, Decimal]]:
    rates = inputs.seed("tier_rates")

    @cache
    def rate_on(tier: str, day: date) -> tuple[Decimal, Decimal]:
        for rate in rates:
            starts, ends = rate["valid_from"], rate["valid_to"]
            if code(rate["tier"]) == code(tier) and starts <= day and (ends is None or day < ends):
                return rate["points_per_task"], rate["rate_gbp_per_point"]
        return ZERO, ZERO

    return rate_on


def known(text: str, names: tuple[str, ...]) -> str:
    """A code in the contract's own spelling; an unknown one keeps what it said."""
    return next((name for name in names if code(name) == code(text)), text)


def _override(inputs: Inputs, settings: Settings, tasks: list[Row]) -> tuple[pd.DataFrame, list[Row]]:
    """Applies the overrides to the tasks in place; the audit of all of them, and the adjustments that count.

    Reading: the value after an override that does not apply is the value before it.
    Reading: a task that exists but is not valued yet has no value before or after; its override is applied, effect 0.
    Reading: an adjustment has 0 points, and 0 GBP before it.
    Reading: an adjustment counts in the month that it names, whatever day of it, and even after the month of as_of.
    """
    rate_on = rate_finder(inputs)
    existing = {row["key"] for row in inputs.rows("service_tasks") if not row["is_missing_key"]}
    by_key = {task["key"]: task for task in tasks}
    overrides = inputs.seed("activity_point_overrides")
    standing: dict[str, list[Row]] = defaultdict(list)
    for override in overrides:
        override["kind"] = (override["override_type"] or "").lower()
        override["task_key"] = code(override["task_id"])
        override["override_status"] = _approval(override, settings)
        if override["override_status"] == "approved" and override["kind"] != "adjust_amount":
            if override["task_key"] in existing:
                standing[override["task_key"]].append(override)
            else:
                override["override_status"] = "orphaned"
    for rivals in standing.values():
        rivals.sort(key=lambda override: (override["approved_on"], override["override_id"]))
        for override in rivals:
            override["override_status"] = "superseded"
        rivals[-1]["override_status"] = "applied"

    audit, adjustments = [], []
    for override in overrides:
        task = by_key.get(override["task_key"] or "") if override["kind"] != "adjust_amount" else None
        before = after = points_before = points_after = None
        if override["kind"] == "adjust_amount":
            if override["override_status"] == "approved":
                override["override_status"] = "applied"
            before = after = points_before = points_after = ZERO
            if override["override_status"] == "applied":
                after = rounded(Decimal(override["override_value"]))
                adjustments.append(
                    {
                        "override_id": override["override_id"],
                        "billing_month": month_of(override["billing_month"]),
                        "environment": known(override["environment"], ENVIRONMENTS),
                        "tier": known(override["tier"] or "All", TIERS),
                        "amount_gbp": after,
                    }
                )
        elif task is not None:
            before = after = task["base_amount"]
            points_before = points_after = task["base_points"]
            if override["override_status"] == "applied":
                _apply(override, task, rate_on)
                after, points_after = task["amount_gbp"], task["activity_points"]
        applied = override["override_status"] == "applied" and before is not None and after is not None
        audit.append(
            {
                **override,
                "override_type": override["kind"],
                "points_before": points_before,
                "points_after": points_after,
                "amount_gbp_before": before,
                "amount_gbp_after": after,
                "effect_gbp": after - before if applied and before is not None and after is not None else ZERO,
            }
        )
    columns = (
        "override_id override_type override_status task_id billing_month points_before points_after amount_gbp_before "
        "amount_gbp_after effect_gbp reason requested_by approved_by approved_on"
    )
    return frame(audit, columns.split()), adjustments


def _approval(override: Row, settings: Settings) -> str:
    if override["approved_by"] is not None and code(override["approved_by"]) == code(override["requested_by"]):
        return "rejected"
    if override["approved_by"] is None or override["approved_on"] is None or override["approved_on"] > settings.today:
        return "pending"
    return "approved"


def _apply(override: Row, task: Row, rate_on: Callable[[str, date], tuple[Decimal, Decimal]]) -> None:
    task["override_id"], task["is_overridden"] = override["override_id"], True
    if override["kind"] == "set_tier":
        task["tier"] = known(override["override_value"], TIERS)
        points_per_task, task["rate_gbp_per_point"] = rate_on(task["tier"], task["completed_at"].date())
        task["activity_points"] = points_per_task * max(task["quantity"], 0)
        task["amount_gbp"] = rounded(task["activity_points"] * task["rate_gbp_per_point"])
    elif override["kind"] == "set_points":
        task["activity_points"] = rounded(Decimal(override["override_value"]), 4)
        task["amount_gbp"] = rounded(task["activity_points"] * task["rate_gbp_per_point"])
    elif override["kind"] == "set_amount":
        task["amount_gbp"] = rounded(Decimal(override["override_value"]))
    elif override["kind"] == "exclude":
        task["activity_points"] = task["amount_gbp"] = ZERO


def _task_frame(tasks: list[Row]) -> pd.DataFrame:
    columns = (
        "task_id ticket_id billing_month completed_at environment category tier quantity activity_points "
        "rate_gbp_per_point amount_gbp override_id is_overridden"
    )
    return frame(tasks, columns.split())


def _cost_rows(tasks: list[Row], adjustments: list[Row]) -> list[Row]:
    """Tasks and adjustments alike, as the cost marts count them."""
    rows = [{**task, "task_count": 1} for task in tasks]
    rows += [{**row, "category": "Adjustment", "task_count": 0, "activity_points": ZERO} for row in adjustments]
    return rows


def _cost_monthly(cost: list[Row]) -> pd.DataFrame:
    keys = ["billing_month", "environment", "category", "tier"]
    totals: dict[tuple[object, ...], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    for row in cost:
        total = totals[tuple(row[key] for key in keys)]
        total[0] += row["task_count"]
        total[1] += row["activity_points"]
        total[2] += row["amount_gbp"]
    rows = [
        {**dict(zip(keys, key, strict=True)), "task_count": int(count), "activity_points": points, "amount_gbp": amount}
        for key, (count, points, amount) in totals.items()
    ]
    return frame(rows, [*keys, "task_count", "activity_points", "amount_gbp"])


def _rolling(cost: list[Row], settings: Settings) -> pd.DataFrame:
    """The months of the window for every environment and tier.

    Reading: each environment and tier with a cost in the window has all its months.
    Reading: the amount a year before is null before the first month that has any cost at all, and 0 where only this
    environment and tier had none; yoy_pct = amount / that - 1.
    Reading: the mean of the window counts its zeros.
    Reading: the same days of last year end with the day of as_of, that day in full; an adjustment has no day and counts
    in full; a month that is over is held against the whole month.
    """
    same_days: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in cost:
        is_seen = "completed_at" not in row or row["completed_at"].day <= settings.today.day
        if row["billing_month"] == months_after(settings.month, -12) and is_seen:
            same_days[row["environment"], row["tier"]] += row["amount_gbp"]
    amounts: dict[Cell, Decimal] = defaultdict(Decimal)
    counts: Counter[Cell] = Counter()
    for row in cost:
        cell = (row["billing_month"], row["environment"], row["tier"])
        amounts[cell] += row["amount_gbp"]
        counts[cell] += row["task_count"]
    window = [months_after(settings.month, -back) for back in reversed(range(settings.rolling_months))]
    first_month = min((month for month, _, _ in amounts), default=settings.month)
    pairs = {(environment, tier) for month, environment, tier in amounts if month in window}
    rows = []
    for environment, tier in pairs:
        whole = sum((amounts.get((month, environment, tier), ZERO) for month in window), ZERO)
        for month in window:
            amount = amounts.get((month, environment, tier), ZERO)
            before = months_after(month, -12)
            year_before = amounts.get((before, environment, tier), ZERO) if before >= first_month else None
            to_date = year_before
            if year_before is not None and month == settings.month:
                to_date = same_days.get((environment, tier), ZERO)
            rows.append(
                {
                    "billing_month": month,
                    "environment": environment,
                    "tier": tier,
                    "task_count": counts.get((month, environment, tier), 0),
                    "amount_gbp": amount,
                    "amount_gbp_prior_year": year_before,
                    "yoy_pct": None if year_before is None else ratio(amount - year_before, year_before),
                    "seasonality_index": ratio(amount * len(window), whole),
                    "amount_gbp_prior_year_same_days": to_date,
                    "yoy_same_days_pct": None if to_date is None else ratio(amount - to_date, to_date),
                }
            )
    columns = (
        "billing_month environment tier task_count amount_gbp amount_gbp_prior_year yoy_pct seasonality_index "
        "amount_gbp_prior_year_same_days yoy_same_days_pct"
    )
    return frame(rows, columns.split())


def invoice_lines(inputs: Inputs, settings: Settings) -> list[Row]:
    """Lines received by as_of.

    Reading: a line without a day of receipt counts as received.
    Reading: a line without a billing month is in no month, and so in no figure but the data quality marts.
    Reading: an unknown code that comes in several spellings in one month, environment and tier takes the least of them
    by code point.
    """
    lines = []
    for line in inputs.rows("msp_invoice_lines"):
        if line["billing_month"] is None:
            continue
        if line["received_on"] is not None and line["received_on"] > settings.today:
            continue
        lines.append(
            {
                **line,
                "billing_month": month_of(line["billing_month"]),
                "environment": known(line["environment"] or "Unassigned", ENVIRONMENTS),
                "tier": known(line["tier"] or "Untiered", TIERS),
                "cell": (
                    month_of(line["billing_month"]),
                    code(line["environment"] or "Unassigned"),
                    code(line["tier"] or "Untiered"),
                ),
                "activity_points": line["activity_points"] or ZERO,
                "amount_gbp": line["amount_gbp"] or ZERO,
            }
        )
    by_cell: dict[object, list[Row]] = defaultdict(list)
    for line in lines:
        by_cell[line["cell"]].append(line)
    for same in by_cell.values():
        for name in ("environment", "tier"):
            least = min(line[name] for line in same)
            for line in same:
                line[name] = least
    _mark_reissued(lines)
    return lines


def _mark_reissued(lines: list[Row]) -> None:
    """Marks credits, and charges that repeat one of another invoice.

    Reading: a line takes away where its amount or its points are negative. Of charges of one month, environment, tier,
    points and amount on several invoices, those on the first invoice by number are the original; each credit of the
    same points and amount makes room for one invoice more; those on the invoices after these are likely billed twice.
    They count all the same.
    """
    charges: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    taken_back: Counter[tuple[object, ...]] = Counter()
    for line in lines:
        points, amount = line["activity_points"], line["amount_gbp"]
        line["is_credit"], line["is_reissued"] = amount < 0 or points < 0, False
        if line["is_credit"]:
            taken_back[(line["cell"], -points, -amount)] += 1
        elif amount > 0:
            charges[(line["cell"], points, amount)].append(line)
    for content, same in charges.items():
        numbers = sorted({code(line["invoice_number"]) or "" for line in same})
        repeated = numbers[1 + taken_back[content] :]
        for line in same:
            line["is_reissued"] = (code(line["invoice_number"]) or "") in repeated


def _invoice_variance(
    inputs: Inputs, settings: Settings, tasks: list[Row], cost: list[Row], lines: list[Row]
) -> pd.DataFrame:
    """Reading: a side is there when a task, an adjustment or an invoice line is, whatever its amount.

    Reading: the invoice equals what it would be without overrides to the penny.
    """
    calculated: dict[Cell, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    invoiced: dict[Cell, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    without_overrides: dict[Cell, Decimal] = defaultdict(Decimal)
    for side, rows in ((calculated, cost), (invoiced, lines)):
        for row in rows:
            total = side[(row["billing_month"], row["environment"], row["tier"])]
            total[0] += row["activity_points"]
            total[1] += row["amount_gbp"]
    for task in tasks:
        without_overrides[(task["billing_month"], task["environment"], task["base_tier"])] += task["base_amount"]
    lines_of: dict[Cell, list[Row]] = defaultdict(list)
    for line in lines:
        lines_of[(line["billing_month"], line["environment"], line["tier"])].append(line)
    result = []
    for cell in calculated.keys() | invoiced.keys():
        calculated_points, calculated_gbp = calculated.get(cell, [ZERO, ZERO])
        invoiced_points, invoiced_gbp = invoiced.get(cell, [ZERO, ZERO])
        variance = invoiced_gbp - calculated_gbp
        if abs(variance) <= settings.variance_tolerance * abs(calculated_gbp):
            cause = "matched"
        elif cell not in invoiced:
            cause = "not_invoiced"
        elif cell not in calculated:
            cause = "not_calculated"
        elif invoiced_gbp == without_overrides.get(cell, ZERO):
            cause = "override_not_billed"
        elif invoiced_points == calculated_points:
            cause = "rate_difference"
        else:
            cause = "volume_difference"
        result.append(
            {
                "billing_month": cell[0],
                "environment": cell[1],
                "tier": cell[2],
                "calculated_points": calculated_points,
                "invoiced_points": invoiced_points,
                "calculated_gbp": calculated_gbp,
                "invoiced_gbp": invoiced_gbp,
                "variance_gbp": variance,
                "variance_pct": ratio(variance, calculated_gbp),
                "cause": cause,
                "severity": None if cause == "matched" else severity(inputs, "msp", variance, calculated_gbp, variance),
                "invoice_line_count": len(lines_of[cell]),
                "credit_gbp": sum((line["amount_gbp"] for line in lines_of[cell] if line["is_credit"]), ZERO),
                "reissued_line_count": sum(line["is_reissued"] for line in lines_of[cell]),
                "reissued_gbp": sum((line["amount_gbp"] for line in lines_of[cell] if line["is_reissued"]), ZERO),
            }
        )
    columns = (
        "billing_month environment tier calculated_points invoiced_points calculated_gbp invoiced_gbp variance_gbp "
        "variance_pct cause severity invoice_line_count credit_gbp reissued_line_count reissued_gbp"
    )
    return frame(result, columns.split())


def _invoice_variance_details(variance: pd.DataFrame, cost: list[Row], lines: list[Row]) -> pd.DataFrame:
    """Every task, adjustment and invoice line of a month, environment and tier that differs."""
    differing = {
        (row["billing_month"], row["environment"], row["tier"]): row["cause"]
        for row in records(variance)
        if row["cause"] != "matched"
    }
    result = []
    for row in [*cost, *lines]:
        cell = (row["billing_month"], row["environment"], row["tier"])
        if cell not in differing:
            continue
        is_invoiced = "invoice_number" in row
        is_task = "completed_at" in row
        calculated = (ZERO, ZERO) if is_invoiced else (row["activity_points"], row["amount_gbp"])
        invoiced = (row["activity_points"], row["amount_gbp"]) if is_invoiced else (ZERO, ZERO)
        kind = "invoice line" if is_invoiced else "task" if is_task else "adjustment"
        result.append(
            {
                "item_type": kind,
                "item_id": row[
                    {"invoice line": "invoice_line_id", "task": "task_id", "adjustment": "override_id"}[kind]
                ],
                "billing_month": cell[0],
                "environment": cell[1],
                "tier": cell[2],
                "cause": differing[cell],
                "item_on": row["completed_at"].date() if is_task else row.get("received_on"),
                "calculated_points": calculated[0],
                "calculated_gbp": calculated[1],
                "invoiced_points": invoiced[0],
                "invoiced_gbp": invoiced[1],
                "is_credit": row.get("is_credit", False),
                "is_reissued": row.get("is_reissued", False),
            }
        )
    columns = (
        "item_type item_id billing_month environment tier cause item_on calculated_points calculated_gbp "
        "invoiced_points invoiced_gbp is_credit is_reissued"
    )
    return frame(result, columns.split())


def severity(inputs: Inputs, domain: str, variance: Decimal, expected: Decimal, amount: Decimal | None) -> str | None:
    """The highest severity whose share and amount are both reached; `amount` is in the currency of the threshold.

    Reading: the amount is compared to the penny, the share exactly and not as the six decimals that are shown.
    Reading: without a rate there is no amount to judge, and so no severity.
    """
    if amount is None:
        return None
    for name in ("critical", "warning", "info"):
        for row in inputs.seed("variance_thresholds"):
            if code(row["domain"]) != code(domain) or code(row["severity"]) != code(name):
                continue
            share_reached = expected == 0 or abs(variance) >= row["min_pct"] * abs(expected)
            if share_reached and abs(amount) >= row["min_amount"]:
                return name
    return None


def _utilization(tasks: list[Row]) -> pd.DataFrame:
    """Reading: the peak day is the UTC day with most tasks, the earliest of several; excluded tasks were work too.

    Reading: without a known technician tasks_per_technician is null.
    """
    groups: dict[tuple[date, str], list[Row]] = defaultdict(list)
    for task in tasks:
        groups[(task["billing_month"], task["environment"])].append(task)
    rows = []
    for (month, environment), members in groups.items():
        technicians = {code(task["technician_id"]) for task in members} - {None}
        days = Counter(task["completed_at"].date() for task in members)
        peak = min(days, key=lambda day: (-days[day], day))
        hours = Counter(task["completed_at"].hour for task in members)
        peak_hour = min(hours, key=lambda hour: (-hours[hour], hour))
        points = sum((task["activity_points"] for task in members), ZERO)
        rows.append(
            {
                "billing_month": month,
                "environment": environment,
                "task_count": len(members),
                "active_technicians": len(technicians),
                "tasks_per_technician": ratio(len(members), len(technicians)),
                "peak_day": peak,
                "peak_day_tasks": days[peak],
                "peak_hour": peak_hour,
                "peak_hour_tasks": hours[peak_hour],
                "activity_points": points,
                "points_per_technician": ratio(points, Decimal(len(technicians))),
            }
        )
    columns = (
        "billing_month environment task_count active_technicians tasks_per_technician peak_day peak_day_tasks "
        "peak_hour peak_hour_tasks activity_points points_per_technician"
    )
    return frame(rows, columns.split())


def _technician_load(tasks: list[Row]) -> pd.DataFrame:
    """Reading: a technician in several spellings takes the least of them by code point."""
    groups: dict[tuple[date, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for task in tasks:
        technician = code(task["technician_id"])
        if technician is not None:
            groups[(task["billing_month"], task["environment"])][technician].append(task)
    rows = []
    for (month, environment), technicians in groups.items():
        whole = sum(len(members) for members in technicians.values())
        for members in technicians.values():
            active_days = len({task["completed_at"].date() for task in members})
            rows.append(
                {
                    "billing_month": month,
                    "environment": environment,
                    "technician_id": min(task["technician_id"] for task in members),
                    "task_count": len(members),
                    "activity_points": sum((task["activity_points"] for task in members), ZERO),
                    "amount_gbp": sum((task["amount_gbp"] for task in members), ZERO),
                    "active_days": active_days,
                    "tasks_per_active_day": ratio(len(members), active_days),
                    "load_index": ratio(len(members) * len(technicians), whole),
                }
            )
    columns = (
        "billing_month environment technician_id task_count activity_points amount_gbp active_days "
        "tasks_per_active_day load_index"
    )
    return frame(rows, columns.split())


def _volume_distribution(cost: list[Row]) -> pd.DataFrame:
    """Reading: members of one number of tasks share a rank."""
    totals: dict[tuple[date, str], dict[str, list[Decimal]]] = defaultdict(
        lambda: defaultdict(lambda: [ZERO, ZERO, ZERO])
    )
    for row in cost:
        for dimension in ("tier", "environment", "category"):
            total = totals[row["billing_month"], dimension][row[dimension]]
            for index, name in enumerate(("task_count", "activity_points", "amount_gbp")):
                total[index] += row[name]
    rows = []
    for (month, dimension), members in totals.items():
        whole = [sum((total[index] for total in members.values()), ZERO) for index in range(3)]
        for member, (count, points, amount) in members.items():
            rows.append(
                {
                    "billing_month": month,
                    "dimension": dimension,
                    "member": member,
                    "task_count": int(count),
                    "activity_points": points,
                    "amount_gbp": amount,
                    "share_of_tasks": ratio(count, whole[0]),
                    "share_of_amount": ratio(amount, whole[2]),
                    "volume_rank": 1 + sum(total[0] > count for total in members.values()),
                }
            )
    columns = (
        "billing_month dimension member task_count activity_points amount_gbp share_of_tasks share_of_amount "
        "volume_rank"
    )
    return frame(rows, columns.split())
