"""A small hand-made company on which every rule of the contract is hit at its boundary.

Cells are separated by `|`; an empty cell is null and a `·` is a stray space.
"""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

AS_OF = datetime(2026, 6, 15, 12, 0, 0)
EARLIER = datetime(2026, 5, 31, 23, 59, 59)
LATER = datetime(2026, 6, 22, 9, 0, 0)

Table = list[dict[str, str]]


def table(text: str) -> Table:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    rows = [[cell.strip().replace("·", " ") for cell in line.split("|")] for line in lines]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def as_csv(rows: Table) -> str:
    columns = list(rows[0])
    lines = [columns, *([row[column] for column in columns] for row in rows)]
    return "".join(",".join(_quoted(cell) for cell in line) + "\n" for line in lines)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\n') else cell


def write(raw: dict[str, Table], folder: Path) -> Path:
    """Writes the raw tables as `<folder>/<schema>/<table>.csv`."""
    for name, rows in raw.items():
        path = folder / SCHEMAS[name] / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


SCHEMAS = {
    "service_tickets": "service_desk",
    "service_tasks": "service_desk",
    "hardware_assets": "service_desk",
    "software_requests": "service_desk",
    "msp_invoice_lines": "msp_billing",
    "deals": "analytics",
    "revenue_entries": "accounting",
    "support_cases": "support",
    "support_case_events": "support",
}

SEEDS: dict[str, str] = {
    # Complex has no rate from June on.
    "tier_rates": as_csv(
        table("""
tier     | points_per_task | rate_gbp_per_point | valid_from | valid_to
Simple   | 0.5000          | 4.2000             | 2020-01-01 | 2026-01-01
Simple   | 0.5000          | 4.3500             | 2026-01-01 |
Moderate | 1.5000          | 4.2000             | 2020-01-01 | 2026-01-01
Moderate | 1.5000          | 4.3500             | 2026-01-01 |
Complex  | 4.0000          | 4.1000             | 2020-01-01 | 2025-09-16
Complex  | 4.0000          | 4.2000             | 2025-09-16 | 2026-01-01
Complex  | 4.0000          | 4.3500             | 2026-01-01 | 2026-06-01
""")
    ),
    "completion_method_tiers": as_csv(
        table("""
completion_method | tier
Phone             | Simple
Remote session·   | Simple
Desk visit        | Moderate
Hardware swap     | Complex
""")
    ),
    "environment_rules": """\
rule_id,precedence,field,pattern,environment
ENV-1,10,cost_centre,^CC[0-9],Contact Center
ENV-2,20,cost_centre,^CORP,Corporate
ENV-3,30,site_code,-CC$,Contact Center
ENV-4,40,site_code,-HQ$,Corporate
ENV-5,50,short_description,call cent(er|re)?,Contact Center
ENV-6,60,short_description,head office,Corporate
""",
    "activity_point_overrides": as_csv(
        table("""
override_id | task_id | billing_month | environment    | tier     | override_type | override_value | reason          | requested_by | approved_by | approved_on | reference
O-01        | K-20    |               |                |          | set_amount    | 100.00         | fixed price     | ann          | bob         | 2026-02-28  | R1
O-02        | K-21    |               |                |          | set_amount    | 100.00         | fixed price     | ann          | bob         | 2026-02-28  |
O-03        | K-22    |               |                |          | set_amount    | 1000.00        | project         | ann          | bob         | 2026-02-28  |
O-04        | K-23    |               |                |          | set_points    | 7.1234         | agreed points   | ann          | bob         | 2026-02-28  |
O-05        | ·k-24·  |               |                |          | set_tier      | complex        | was a rebuild   | ann          | bob         | 2026-02-28  |
O-06        | K-25    |               |                |          | exclude       |                | billed twice    | ann          | bob         | 2026-02-28  |
O-07        | K-26    |               |                |          | set_points    | 9              | self approved   | Ann          | ·ANN        | 2026-02-28  |
O-08        | K-26    |               |                |          | set_points    | 8              | not yet         | ann          |             |             |
O-09        | K-26    |               |                |          | set_points    | 6              | no day          | ann          | bob         |             |
O-10        | K-26    |               |                |          | set_points    | 5              | approved later  | ann          | bob         | 2026-06-16  |
O-11        | K-99    |               |                |          | exclude       |                | no such task    | ann          | bob         | 2026-02-28  |
O-12        | K-27    |               |                |          | set_points    | 2              | first           | ann          | bob         | 2026-03-01  |
O-13        | K-27    |               |                |          | set_points    | 3              | the later day   | ann          | bob         | 2026-03-02  |
O-14        | K-28    |               |                |          | set_amount    | 10             | lesser id       | ann          | bob         | 2026-03-02  |
O-15        | K-28    |               |                |          | set_amount    | 11.005         | greater id      | ann          | bob         | 2026-03-02  |
O-16        | K-98    |               |                |          | set_points    | 4              | approved by own | ann          | ann         |             |
O-17        |         | 2026-03-01    | Corporate      |          | adjust_amount | -12.345        | credit          | ann          | bob         | 2026-04-01  |
O-18        |         | 2026-03-01    | corporate      | Simple   | adjust_amount | 20             | surcharge       | ann          | bob         | 2026-04-01  |
O-19        |         | 2026-04-01    | Contact Center | Moderate | adjust_amount | 0.005          | half a penny    | ann          | bob         | 2026-06-15  |
O-20        |         | 2026-04-01    | Contact Center | Moderate | adjust_amount | 50             | next day        | ann          | bob         | 2026-06-16  |
O-21        |         | 2026-04-01    | Corporate      |          | adjust_amount | 70             | self approved   | ann          | Ann·        | 2026-04-16  |
O-22        | K-30    |               |                |          | set_points    | 4              | task still open | ann          | bob         | 2026-04-16  |
O-23        | K-13    |               |                |          | set_tier      | Moderate       | method unknown  | ann          | bob         | 2026-04-16  |
O-24        | K-31    |               |                |          | set_points    | 6              | zero quantity   | ann          | bob         | 2026-04-16  |
O-25        | K-26    |               |                |          | set_points    | 4              | name not given  |              | bob         | 2026-06-17  |
""")
    ),
    # EUR has no rate in March 2026 and GBP none at all after April.
    "fx_rates": as_csv(
        table("""
currency_code | month      | rate_to_reporting
EUR           | 2026-01-01 | 1.100000
EUR           | 2026-02-01 | 1.123456
EUR           | 2026-04-01 | 1.150000
EUR           | 2026-05-01 | 1.170000
EUR           | 2026-06-01 | 1.180000
GBP           | 2026-01-01 | 1.250000
GBP           | 2026-02-01 | 1.260000
GBP           | 2026-03-01 | 1.270000
GBP           | 2026-04-01 | 1.333333
""")
    ),
    "sla_targets": as_csv(
        table("""
priority | customer_tier | metric         | target_minutes | calendar_id | valid_from | valid_to
P1       |               | resolution     | 1440           | 24x7        | 2000-01-01 |
P1       | gold          | resolution     | 480            | 24x7        | 2000-01-01 |
P2       |               | resolution     | 960            | uk_office   | 2000-01-01 | 2026-06-10
P2       |               | resolution     | 480            | uk_office   | 2026-06-10 |
         | gold          | resolution     | 600            | mumbai      | 2000-01-01 |
P3       |               | resolution     | 900            | adelaide    | 2000-01-01 |
P1       |               | first_response | 60             | 24x7        | 2000-01-01 |
P2       |               | first_response | 30             | uk_office   | 2000-01-01 |
         |               | first_response | 480            | mumbai      | 2000-01-01 | 2026-06-12
""")
    ),
    "business_calendars": as_csv(
        table("""
calendar_id | iana_timezone      | iso_weekday | opens_at | closes_at
24x7        | UTC                | 1           | 00:00    | 24:00
24x7        | UTC                | 2           | 00:00    | 24:00
24x7        | UTC                | 3           | 00:00    | 24:00
24x7        | UTC                | 4           | 00:00    | 24:00
24x7        | UTC                | 5           | 00:00    | 24:00
24x7        | UTC                | 6           | 00:00    | 24:00
24x7        | UTC                | 7           | 00:00    | 24:00
uk_office   | Europe/London      | 1           | 09:00    | 17:00
uk_office   | Europe/London      | 2           | 09:00    | 17:00
uk_office   | Europe/London      | 3           | 09:00    | 17:00
uk_office   | Europe/London      | 4           | 09:00    | 17:00
uk_office   | Europe/London      | 5           | 09:00    | 17:00
mumbai      | Asia/Kolkata       | 1           | 09:30    | 13:00
mumbai      | Asia/Kolkata       | 1           | 14:00    | 18:30
mumbai      | Asia/Kolkata       | 3           | 09:30    | 13:00
mumbai      | Asia/Kolkata       | 3           | 22:00    | 24:00
mumbai      | Asia/Kolkata       | 6           | 00:00    | 06:00
adelaide    | Australia/Adelaide | 7           | 00:00    | 24:00
adelaide    | Australia/Adelaide | 1           | 00:00    | 12:00
""")
    ),
    "calendar_holidays": as_csv(
        table("""
calendar_id | holiday_on | name
uk_office   | 2026-05-25 | Spring bank holiday
mumbai      | 2026-06-10 | Local holiday
""")
    ),
}

MSP_RAW: dict[str, Table] = {
    "service_tickets": table("""
ticket_id | ticket_type     | short_description       | site_code | cost_centre | requester_id | priority | opened_at           | closed_at           | updated_at
T-1       | incident        | call centre phone       | LON-HQ    | CC1         | u1           | P3       | 2025-01-01 08:00:00 | 2025-01-02 08:00:00 | 2025-01-02 08:00:00
T-2       | ·Incident·      | call centre phone       | LON-HQ    |             | u1           | P3       | 2025-01-01 08:00:00 |                     | 2025-01-02 08:00:00
T-3       | service_request | Head Office             |           |             | u1           | P3       | 2025-01-01 08:00:00 | 2025-01-01 07:59:59 | 2025-01-02 08:00:00
T-4       | change          | a CALL CENTER in Head Office |      | ·           | u1           | P3       | 2025-01-01 08:00:00 |                     | 2024-12-31 08:00:00
T-5       | wish            |                         |           |             | u1           | P3       | 2025-01-01 08:00:00 |                     | 2025-01-02 08:00:00
T-6       | incident        |                         | NYC-CC    | corp7       | u1           | P3       |                     |                     | 2025-01-02 08:00:00
T-7       | incident        | old                     |           | CC2         | u1           | P3       | 2025-01-01 08:00:00 |                     | 2025-01-02 08:00:00
·t-7      |                 | head office             |           | CORP        | u1           | P3       | 2025-01-01 08:00:00 |                     | 2025-01-03 08:00:00
          | incident        | nobody's                |           |             | u1           | P3       | 2025-01-01 08:00:00 |                     | 2025-01-02 08:00:00
"""),
    "hardware_assets": table("""
asset_tag | asset_type | model | site_code | cost_centre | updated_at
A-1       | laptop     | X1    | NYC-CC    | CC9         | 2025-01-01 00:00:00
A-2       | laptop     | X1    | PAR-HQ    |             | 2025-01-01 00:00:00
A-3       |            | X1    |           |             | 2025-01-01 00:00:00
"""),
    "software_requests": table("""
software_request_id | ticket_id | product | licence_type | requested_at        | updated_at
S-1                 | T-1       | Visio   |              | 2025-01-01 00:00:00 | 2025-01-01 00:00:00
S-2                 | T-77      |         |              |                     | 2025-01-01 00:00:00
"""),
    # K-01 to K-19 the plain rules, K-20 to K-31 the overrides, K-40 on the invoice.
    "service_tasks": table("""
task_id | ticket_id | asset_tag | software_request_id | task_description      | completion_method | technician_id | quantity | task_status | started_at          | completed_at        | updated_at
K-01    | T-1       |           |                     | Password reset        | Phone             | tech1         | 1        | completed   | 2025-12-31 23:00:00 | 2025-12-31 23:59:59 | 2026-01-01 00:00:00
K-02    | T-1       |           |                     | pw reset and unlock   | phone·            | ·TECH1        | 2        | Completed·  | 2025-12-31 23:00:00 | 2026-01-01 00:00:00 | 2026-01-01 00:00:00
K-03    | T-2       |           |                     | something else        | DESK VISIT        | tech2         | 3        | completed   | 2026-01-05 08:00:00 | 2026-01-05 09:00:00 | 2026-01-05 09:00:00
K-04    | T-2       | A-1       |                     |                       | Desk visit        |               |          | completed   | 2026-01-05 08:00:00 | 2026-01-05 10:00:00 | 2026-01-05 10:00:00
K-05    | T-3       | A-2       |                     | new starter laptop    | Hardware swap     | tech2         | 1        | completed   | 2025-09-15 08:00:00 | 2025-09-15 23:59:59 | 2025-09-16 00:00:00
K-06    | T-3       |           |                     | new starter laptop    | Hardware swap     | tech2         | 1        | completed   | 2025-09-15 08:00:00 | 2025-09-16 00:00:00 | 2025-09-16 00:00:00
K-07    | T-4       |           |                     | VPN broken            | Remote session    | tech3         | 0        | completed   | 2026-06-01 08:00:00 | 2026-06-15 12:00:00 | 2026-06-15 12:00:00
K-08    | T-4       |           |                     | VPN broken            | Remote session    | tech3         | 1        | completed   | 2026-06-01 08:00:00 | 2026-06-15 12:00:01 | 2026-06-15 12:00:01
K-09    | T-5       | A-3       |                     | printer               | Phone             | tech3         | -2       | completed   | 2026-06-01 08:00:00 | 2026-06-02 12:00:00 | 2026-06-02 11:59:59
K-10    | T-5       | A-1       | S-1                 | printer               | Phone             | tech3         | 1        | completed   | 2026-06-02 12:00:01 | 2026-06-02 12:00:00 | 2026-06-02 12:00:00
K-11    | T-6       |           | S-9                 | mouse                 | Hardware swap     | tech3         | 1        | completed   | 2026-06-01 08:00:00 | 2026-06-02 12:00:00 | 2026-06-02 12:00:00
K-12    | T-99      | A-2       |                     | mouse                 | Hardware swap     | tech4         | 1        | completed   | 2026-05-01 08:00:00 | 2026-05-31 23:59:59 | 2026-06-02 12:00:00
K-13    |           | A-88      |                     | mouse                 | Magic             | tech4         | 2        | completed   | 2026-05-01 08:00:00 | 2026-05-30 12:00:00 | 2026-06-02 12:00:00
K-14    | ·t-7      |           |                     | mouse                 |                   | tech4         | 2        | completed   | 2026-05-01 08:00:00 | 2026-05-30 12:00:00 | 2026-06-02 12:00:00
K-15    | T-1       |           |                     | mouse                 | Phone             | tech4         | 1        | open        |                     | 2026-05-30 12:00:00 | 2026-06-02 12:00:00
K-16    | T-1       |           |                     | mouse                 | Phone             | tech4         | 1        | completed   | 2026-05-01 08:00:00 |                     | 2026-06-02 12:00:00
K-17    | T-1       |           |                     | mouse                 | Phone             | tech4         | 1        | done        | 2026-05-01 08:00:00 | 2026-05-30 12:00:00 | 2026-06-02 12:00:00
        | T-1       |           |                     | mouse                 | Phone             | tech4         | 1        | completed   | 2026-05-01 08:00:00 | 2026-05-30 12:00:00 | 2026-06-02 12:00:00
K-18    | T-1       |           |                     | an old version        | Phone             | tech4         | 1        | completed   | 2026-05-01 08:00:00 | 2026-05-30 12:00:00 | 2026-05-31 12:00:00
·k-18   | T-1       |           |                     | the newest version    | Desk visit        | tech4         | 1        | completed   | 2026-05-01 08:00:00 | 2026-05-29 12:00:00 | 2026-06-01 12:00:00
K-18    | T-1       |           |                     | the oldest version    | Phone             | tech4         | 5        | completed   | 2026-05-01 08:00:00 | 2026-05-28 12:00:00 | 2026-05-30 12:00:00
K-19    | T-1       |           |                     | mouse                 | Phone             | tech4         | 1        |             | 2026-05-01 08:00:00 | 2026-05-30 12:00:00 | 2026-06-02 12:00:00
K-20    | T-1       |           |                     | mouse                 | Phone             | tech4         | 1        | completed   | 2025-07-01 08:00:00 | 2025-07-10 12:00:00 | 2025-07-10 12:00:00
K-21    | T-1       |           |                     | mouse                 | Phone             | tech4         | 1        | completed   | 2025-07-01 08:00:00 | 2025-08-10 12:00:00 | 2025-08-10 12:00:00
K-22    | T-1       |           |                     | mouse                 | Phone             | tech4         | 1        | completed   | 2025-07-01 08:00:00 | 2025-09-10 12:00:00 | 2025-09-10 12:00:00
K-23    | T-1       |           |                     | mouse                 | Phone             | tech4         | 1        | completed   | 2025-07-01 08:00:00 | 2025-10-10 12:00:00 | 2025-10-10 12:00:00
K-24    | T-1       |           |                     | mouse                 | Phone             | tech4         | 2        | completed   | 2025-07-01 08:00:00 | 2025-11-10 12:00:00 | 2025-11-10 12:00:00
K-25    | T-1       |           |                     | mouse                 | Phone             | tech4         | 2        | completed   | 2025-07-01 08:00:00 | 2026-02-10 12:00:00 | 2026-02-10 12:00:00
K-26    | T-1       |           |                     | mouse                 | Phone             | tech4         | 2        | completed   | 2025-07-01 08:00:00 | 2026-02-10 12:00:00 | 2026-02-10 12:00:00
K-27    | T-2       |           |                     | mouse                 | Phone             | tech4         | 1        | completed   | 2025-07-01 08:00:00 | 2026-03-10 12:00:00 | 2026-03-10 12:00:00
K-28    | T-2       |           |                     | mouse                 | Phone             | tech4         | 1        | completed   | 2025-07-01 08:00:00 | 2026-03-11 12:00:00 | 2026-03-11 12:00:00
K-30    | T-2       |           |                     | mouse                 | Phone             | tech4         | 1        | open        | 2025-07-01 08:00:00 |                     | 2026-03-11 12:00:00
K-31    | T-2       |           |                     | mouse                 | Phone             | tech4         | 0        | completed   | 2025-07-01 08:00:00 | 2026-04-11 12:00:00 | 2026-04-11 12:00:00
K-40    | T-2       |           |                     | mouse                 | Desk visit        | tech4         | 4        | completed   | 2025-07-01 08:00:00 | 2025-05-11 12:00:00 | 2025-05-11 12:00:00
K-41    | T-2       |           |                     | mouse                 | Desk visit        | tech4         | 4        | completed   | 2025-07-01 08:00:00 | 2024-09-16 12:00:00 | 2025-05-11 12:00:00
K-42    | T-3       |           |                     | mouse                 | Hardware swap     | tech4         | 2        | completed   | 2024-07-01 08:00:00 | 2024-09-16 12:00:00 | 2025-05-11 12:00:00
"""),
    # 101.00 is 1% over 100.00 to the penny, 101.01 is not; 1050.00 reaches both limits of info and only one of warning.
    "msp_invoice_lines": table("""
invoice_line_id | invoice_number | billing_month | environment    | tier      | activity_points | amount_gbp | received_on | updated_at
L-01            | I-1            | 2025-07-01    | Contact Center | Simple    | 0.5             | 101.00     | 2025-08-05  | 2025-08-05 00:00:00
L-02            | I-1            | 2025-08-01    | contact center | ·simple   | 0.5             | 101.01     | 2025-10-30  | 2025-08-05 00:00:00
L-03            | I-1            | 2025-09-01    | Contact Center | Simple    | 0.5             | 1050.00    | 2025-11-30  | 2025-08-05 00:00:00
L-04            | I-1            | 2025-10-01    | Contact Center | Simple    | 0.5             | 2.10       | 2025-12-30  | 2025-08-05 00:00:00
L-05            | I-1            | 2025-11-01    | Contact Center | Simple    | 1.0             | 4.20       | 2025-12-05  | 2025-08-05 00:00:00
L-06            | I-1            | 2026-02-01    | Contact Center | Simple    | 2.0             | 8.70       | 2026-03-05  | 2025-08-05 00:00:00
L-07            | I-1            | 2026-01-15    | Corporate      | Moderate  | 4.5             | 25.00      | 2026-02-05  | 2025-08-05 00:00:00
L-08            | I-1            | 2026-05-01    |                |           |                 | 3.00       | 2026-06-15  | 2025-08-05 00:00:00
L-09            | I-1            | 2026-05-01    | Corporate      | Complex   | 5.0             | 99.00      | 2026-06-16  | 2025-08-05 00:00:00
L-10            | I-1            |               | Corporate      | Complex   | 5.0             | 99.00      | 2026-06-10  | 2025-08-05 00:00:00
L-11            | I-1            | 2026-04-01    | Mars           | Giant     | 5.0             | 99.00      | 2026-05-10  | 2025-08-05 00:00:00
L-12            | I-1            | 2026-04-01    | Corporate      | Simple    | 5.0             |            | 2026-05-10  | 2025-08-05 00:00:00
L-13            | I-1            | 2026-03-01    | Corporate      | Simple    | 99              | 99.00      | 2026-05-10  | 2025-08-05 00:00:00
l-13            | I-1            | 2026-03-01    | Corporate      | Simple    | 9               | 70.06      | 2026-05-10  | 2025-08-06 00:00:00
L-14            | I-2            | 2026-03-01    | Corporate      | Simple    | -1              | -10.00     | 2026-05-10  | 2025-08-06 00:00:00
L-15            | I-2            | 2025-05-01    | Corporate      | Moderate  | 6.0             | 30.00      | 2025-06-10  | 2025-08-06 00:00:00
L-16            | I-2            | 2024-09-01    | Corporate      | Moderate  | 7.0             | 4000.00    | 2024-10-10  | 2025-08-06 00:00:00
"""),
}

REVENUE_RAW: dict[str, Table] = {
    "deals": table("""
deal_id | customer_id | customer_name | customer_segment | sales_rep | sales_region | revenue_type         | contract_value | currency_code | duration_months | booked_on  | start_date | end_date   | deal_status  | cancelled_on | updated_at
D-01    | C1          | One           | Enterprise       | r1        | EMEA         | Subscription         | 1000.00        | USD           | 3               | 2026-01-02 | 2026-01-15 | 2026-04-14 | won          |              | 2026-01-02 00:00:00
D-02    | C1          | One           | Enterprise       | r1        | EMEA         | Subscription Revenue | 1200.00        | USD           | 12              | 2026-01-01 | 2026-01-01 | 2025-12-31 | Closed Won·  | 2026-05-20   | 2026-01-02 00:00:00
D-03    | C1          | One           | Enterprise       | r1        | EMEA         | maintenance·         | 1200.00        | USD           | 12              | 2026-01-01 |            |            | won          | 2026-06-16   | 2025-12-31 00:00:00
D-04    | C1          | One           | Enterprise       | r1        | EMEA         | Service              | 1200.00        | USD           | 12              | 2026-01-01 | 2026-01-01 |            | cancelled    | 2026-06-15   | 2026-01-02 00:00:00
D-05    | C1          | One           | SMB              | r1        | EMEA         | Service              | 1200.00        | USD           | 12              | 2026-01-01 | 2026-01-01 |            | cancelled    |              | 2026-01-02 00:00:00
D-06    | C1          | One           | SMB              | r1        | EMEA         | Service              | 1200.00        | USD           | 12              | 2026-01-01 | 2026-01-01 |            | lost         |              | 2026-01-02 00:00:00
D-07    | C1          | One           | SMB              | r1        | EMEA         | Service              | 1200.00        | USD           | 0               | 2026-01-01 | 2026-01-01 |            | won          |              | 2026-01-02 00:00:00
D-08    | C1          | One           | SMB              | r1        | EMEA         | Service              | 1200.00        | USD           |                 | 2026-01-01 | 2026-01-01 |            | won          |              | 2026-01-02 00:00:00
D-09    | C1          | One           |                  | r1        | EMEA         | Service              | 1200.00        | USD           | -3              | 2026-01-01 | 2026-01-01 |            | won          |              | 2026-01-02 00:00:00
D-10    | C2          | Two           | SMB              | r1        | EMEA         | Setup                | 500.00         | USD           |                 | 2026-02-10 |            |            | won          |              | 2026-03-02 00:00:00
D-11    | C2          | Two           | SMB              | r1        | EMEA         | Setup                | 500.00         | USD           | 12              | 2026-02-10 |            |            | won          |              | 2026-03-02 00:00:00
D-12    | C2          | Two           | SMB              | r1        | EMEA         | Support              | 600.00         | USD           | 6               | 2026-01-10 |            |            | won          |              | 2026-03-02 00:00:00
D-13    | C2          | Two           | SMB              | r1        | EMEA         | Support              | 600.00         | USD           | 6               | 2026-01-10 |            |            | won          |              | 2026-03-02 00:00:00
D-14    | C2          | Two           | SMB              | r1        | EMEA         | Support              | 1200.00        | USD           | 12              | 2026-01-10 |            |            | won          |              | 2026-03-02 00:00:00
D-15    | C2          | Two           | SMB              | r1        | EMEA         | Support              | 300.00         | EUR           | 3               | 2026-02-10 |            |            | won          |              | 2026-03-02 00:00:00
D-16    | C2          | Two           | SMB              | r1        | EMEA         | Support              | -1000.00       | ·eur          | 3               | 2026-02-10 |            |            | won          |              | 2026-03-02 00:00:00
D-17    | C2          | Two           | SMB              | r1        | EMEA         | Consulting           | 250.00         | USD           |                 | 2026-02-10 |            |            | won          |              | 2026-03-02 00:00:00
D-18    | C2          | Two           | SMB              | r1        | EMEA         | Consulting           | 250.00         | USD           |                 | 2026-02-10 |            |            | won          |              | 2026-03-02 00:00:00
D-19    | C2          | Two           | SMB              | r1        | EMEA         | Consulting           | 250.00         | USD           |                 | 2026-02-10 |            |            | won          |              | 2026-03-02 00:00:00
D-20    | C2          | Two           | SMB              | r1        | EMEA         | Gift cards           | 250.00         | USD           | 2               | 2026-02-10 |            |            | won          |              | 2026-03-02 00:00:00
D-21    | C2          | Two           | SMB              | r1        | EMEA         | Consulting           |                | USD           |                 | 2026-02-10 |            |            | won          |              | 2026-03-02 00:00:00
D-22    | C2          | Two           | SMB              | r1        | EMEA         | Consulting           | 80.00          |               |                 | 2026-02-10 |            |            | won          |              | 2026-03-02 00:00:00
D-23    |             | Two           | SMB              | r1        | EMEA         |                      | 80.00          | CHF           |                 | 2026-02-10 |            |            | winning      |              | 2026-03-02 00:00:00
D-24    | C3          | Three         | SMB              | r1        | EMEA         | Implementation       | 20000.00       | EUR           |                 | 2026-02-10 |            |            | won          |              | 2026-02-09 23:59:59
D-25    | C3          | Three         | SMB              | r1        | EMEA         | Implementation       | 5000.00        | USD           |                 | 2026-06-16 | 2026-06-01 |            | won          |              | 2026-06-16 00:00:00
D-26    | C3          | Three         | SMB              | r1        | EMEA         | Support              | 100.00         | USD           | 1               | 2026-02-10 |            |            | pending      |              | 2026-03-02 00:00:00
d-26·   | C3          | Three         | SMB              | r1        | EMEA         | Support              | 100.00         | USD           | 1               | 2026-02-10 |            |            | won          |              | 2026-03-03 00:00:00
D-27    | C3          | Three         | SMB              | r1        | EMEA         | Support              | 1200.00        | USD           | 12              | 2026-03-01 |            |            | won          | 2026-02-27   | 2026-03-03 00:00:00
D-28    | C3          | Three         | SMB              | r1        | EMEA         | Setup                | 1000.00        | USD           |                 | 2026-04-01 |            |            | won          |              | 2026-04-03 00:00:00
D-29    | C3          | Three         | SMB              | r1        | EMEA         | Setup                | 10000.00       | USD           |                 | 2026-04-01 |            |            | won          |              | 2026-04-03 00:00:00
"""),
    "revenue_entries": table("""
entry_id | deal_id | recognition_period | revenue_type         | entry_type  | recognized_amount | currency_code | gl_account | performance_obligation | posted_by | posted_at           | updated_at
E-001    | D-01    | 2026-01-01         | Subscription         | recognition | 333.33            | USD           | 4000       | po                     | x         | 2026-02-01 00:00:00 | 2026-02-01 00:00:00
E-002    | ·d-01   | 2026-02-01         | SUBSCRIPTION revenue | Recognition | 333.33            | usd           | 4000       | po                     | x         | 2026-03-01 00:00:00 | 2026-03-01 00:00:00
E-003    | D-01    | 2026-03-31         | Subscription         | recognition | 333.34            | USD           | 4000       | po                     | x         | 2026-05-16 00:00:00 | 2026-04-01 00:00:00
E-004    | D-01    | 2026-04-01         | Subscription         | recognition | 10.00             | USD           | 4000       | po                     | x         | 2026-06-14 23:59:59 | 2026-05-01 00:00:00
E-005a   | D-02    | 2026-01-01         | Subscription         | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-06-01 00:00:00 | 2026-06-15 12:00:00
E-005b   | D-02    | 2026-02-01         | Subscription         | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-06-01 00:00:00 | 2026-06-15 12:00:00
E-005c   | D-02    | 2026-03-01         | Subscription         | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-06-01 00:00:00 | 2026-06-15 12:00:00
E-005d   | D-02    | 2026-04-01         | Subscription         | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-06-01 00:00:00 | 2026-06-15 12:00:00
E-005e   | D-02    | 2026-05-01         | Subscription         | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-06-01 00:00:00 | 2026-06-15 12:00:00
E-005    | D-02    | 2026-06-01         | Subscription         | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-06-15 12:00:00 | 2026-06-15 12:00:00
E-006    | D-03    | 2026-06-01         | Maintenance          | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-06-15 12:00:01 | 2026-06-15 12:00:01
E-007    | D-04    | 2026-07-01         | Service              | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-06-15 10:00:00 | 2026-06-15 12:00:01
E-008    | D-05    | 2026-02-01         | Service              | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-03-01 10:00:00 | 2026-06-15 12:00:01
E-009    | D-06    | 2026-02-01         | Service              | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-03-01 10:00:00 | 2026-06-15 12:00:01
E-010    | D-07    | 2026-02-01         | Service              | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-03-01 10:00:00 | 2026-06-15 12:00:01
E-011    | D-10    | 2026-02-01         | Setup                | recognition | 505.00            | USD           | 4000       | po                     | x         | 2026-03-01 10:00:00 | 2026-06-15 12:00:01
E-012    | D-11    | 2026-02-01         | Setup                | recognition | 505.01            | USD           | 4000       | po                     | x         | 2026-03-01 10:00:00 | 2026-06-15 12:00:01
E-013    | D-12    | 2026-01-01         | Support              | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-02-01 10:00:00 | 2026-06-15 12:00:01
E-014    | D-12    | 2026-03-01         | Support              | recognition | 199.00            | USD           | 4000       | po                     | x         | 2026-04-01 10:00:00 | 2026-06-15 12:00:01
E-015    | D-12    | 2026-05-01         | Support              | recognition | 198.99            | USD           | 4000       | po                     | x         | 2026-06-01 10:00:00 | 2026-06-15 12:00:01
E-016    | D-12    | 2026-06-01         | Support              | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-06-01 10:00:00 | 2026-06-15 12:00:01
E-017    | D-13    | 2025-12-01         | Support              | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-01-01 10:00:00 | 2026-06-15 12:00:01
E-018    | D-13    | 2026-02-01         | Support              | recognition | 101.00            | USD           | 4000       | po                     | x         | 2026-03-01 10:00:00 | 2026-06-15 12:00:01
E-019    | D-13    | 2026-03-01         | Support              | recognition | 98.00             | USD           | 4000       | po                     | x         | 2026-04-01 10:00:00 | 2026-06-15 12:00:01
E-020    | D-13    | 2026-04-01         | Support              | recognition | 101.50            | USD           | 4000       | po                     | x         | 2026-05-01 10:00:00 | 2026-06-15 12:00:01
E-021    | D-13    | 2026-07-01         | Support              | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-06-10 10:00:00 | 2026-06-15 12:00:01
E-022    | D-14    | 2026-01-01         | Setup                | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-02-10 10:00:00 | 2026-06-15 12:00:01
E-023    | D-14    | 2026-02-01         | Setup                | recognition | 100.01            | USD           | 4000       | po                     | x         | 2026-03-10 10:00:00 | 2026-06-15 12:00:01
E-024    | D-14    | 2026-03-01         | Support              | recognition | 60.00             | USD           | 4000       | po                     | x         | 2026-04-10 10:00:00 | 2026-06-15 12:00:01
E-025    | D-14    | 2026-03-01         | Consulting           | recognition | 40.00             | USD           | 4000       | po                     | x         | 2026-04-10 10:00:00 | 2026-06-15 12:00:01
E-026    | D-15    | 2026-02-01         | Support              | recognition | 112.35            | USD           | 4000       | po                     | x         | 2026-03-10 10:00:00 | 2026-06-15 12:00:01
E-027    | D-15    | 2026-03-01         | Support              | recognition | 112.35            | USD           | 4000       | po                     | x         | 2026-04-10 10:00:00 | 2026-06-15 12:00:01
E-028    | D-15    | 2026-04-01         | Support              | recognition | 50.00             | EUR           | 4000       | po                     | x         | 2026-05-10 10:00:00 | 2026-06-15 12:00:01
E-029    | D-15    | 2026-04-01         | Support              | recognition | 43.13             | GBP           | 4000       | po                     | x         | 2026-05-10 10:00:00 | 2026-06-15 12:00:01
E-030    | D-16    | 2026-02-01         | Support              | reversal    | -333.33           |               | 4000       | po                     | x         | 2026-03-10 10:00:00 | 2026-06-15 12:00:01
E-031    | D-16    | 2026-03-01         | Support              | adjustment  | -100.00           | EUR           | 4000       | po                     | x         | 2026-04-10 10:00:00 | 2026-06-15 12:00:01
E-032    | D-17    | 2026-02-01         | Consulting           | recognition | 250.00            | USD           | 4000       | po                     | x         | 2026-03-10 10:00:00 | 2026-06-15 12:00:01
E-033    | d-17    | 2026-02-01         | consulting Revenue   | RECOGNITION | 250.00            | USD           | 4000       | po                     | x         | 2026-03-10 10:00:00 | 2026-06-15 12:00:01
E-034    | D-18    | 2026-02-01         | Consulting           | recognition | 250.00            | USD           | 4000       | po                     | x         | 2026-03-10 10:00:00 | 2026-06-15 12:00:01
E-035    | D-18    | 2026-02-01         | Consulting           | recognition | 250.00            | USD           | 4000       | po                     | x         | 2026-03-10 10:00:01 | 2026-06-15 12:00:01
E-036    | D-19    | 2026-02-01         | Consulting           | recognition | 250.00            | USD           | 4000       | po                     | x         | 2026-03-10 10:00:00 | 2026-06-15 12:00:01
E-037    | D-19    | 2026-02-01         | Consulting           | reversal    | -250.00           | USD           | 4000       | po                     | x         | 2026-03-11 10:00:00 | 2026-06-15 12:00:01
E-038    | D-20    | 2026-02-01         | Gift cards           | recognition | 125.00            | USD           | 4000       | po                     | x         | 2026-03-11 10:00:00 | 2026-06-15 12:00:01
E-039    | D-22    | 2026-02-01         | Consulting           | recognition | 80.00             | USD           | 4000       | po                     | x         |                     | 2026-06-15 12:00:01
E-040    |         | 2026-02-01         | Consulting           | recognition | 80.00             | USD           | 4000       | po                     | x         | 2026-03-11 10:00:00 | 2026-06-15 12:00:01
E-041    |         | 2026-02-01         | Consulting           | recognition | 81.00             | EUR           | 4000       | po                     | x         | 2026-03-11 10:00:00 | 2026-06-15 12:00:01
E-042    | X-99    | 2026-02-01         | Consulting           | recognition | 8000.00           | USD           | 4000       | po                     | x         | 2026-03-11 10:00:00 | 2026-06-15 12:00:01
E-043    | D-24    | 2026-02-01         | Implementation       | recognition | 18000.00          | EUR           | 4000       | po                     | x         | 2026-03-11 10:00:00 | 2026-06-15 12:00:01
E-044    | D-25    | 2026-06-01         | Implementation       | recognition | 5000.00           | USD           | 4000       | po                     | x         | 2026-06-11 10:00:00 | 2026-06-15 12:00:01
E-045    | D-26    | 2026-02-01         | Support              | write-off   |                   | USD           | 4000       | po                     | x         | 2026-03-11 10:00:00 | 2026-06-15 12:00:01
E-046    | D-26    |                    | Support              | recognition | 100.00            | USD           | 4000       | po                     | x         | 2026-03-11 10:00:00 | 2026-06-15 12:00:01
E-047    | D-28    | 2026-04-01         | Setup                | recognition | 950.00            | USD           | 4000       | po                     | x         | 2026-04-11 10:00:00 | 2026-06-15 12:00:01
E-048    | D-29    | 2026-04-01         | Setup                | recognition | 9000.00           | USD           | 4000       | po                     | x         | 2026-04-11 10:00:00 | 2026-06-15 12:00:01
e-048    | D-29    | 2026-04-01         | Setup                | recognition | 8999.99           | USD           | 4000       | po                     | x         | 2026-04-11 10:00:00 | 2026-06-15 12:00:02
         | D-29    | 2026-05-01         | Setup                | recognition | 1.00              | USD           | 4000       | po                     | x         | 2026-05-11 10:00:00 | 2026-06-15 12:00:02
"""),
}

SUPPORT_RAW: dict[str, Table] = {
    "support_cases": table("""
case_id | priority | region | product | queue | customer_tier | case_status | created_at          | first_responded_at  | resolved_at         | closed_at           | reopened_count | updated_at
C-01    | P2       | EMEA   | App     | L1    |               | closed      | 2026-03-27 16:30:00 | 2026-03-27 16:59:00 | 2026-03-30 08:30:00 | 2026-03-31 08:30:00 | 0              | 2026-04-01 00:00:00
C-02    | ·p2      | EMEA   | App     | L1    |               | Resolved·   | 2026-03-27 16:30:00 |                     | 2026-03-30 08:30:00 |                     | 0              | 2026-04-01 00:00:00
C-03    | P1       | APAC   | App     | L1    |               | closed      | 2026-06-14 12:00:00 | 2026-06-14 13:00:00 | 2026-06-15 12:00:00 |                     | 0              | 2026-06-15 12:00:00
C-04    | P1       | APAC   | App     | L1    | ·Gold         | closed      | 2026-06-14 12:00:00 | 2026-06-14 13:00:01 |                     | 2026-06-14 20:00:01 | 0              | 2026-06-15 12:00:00
C-05    | P1       | APAC   | App     | L1    |               | open        | 2026-06-14 12:00:00 |                     | 2026-06-14 15:00:00 |                     | 0              | 2026-06-15 12:00:00
C-06    | P1       | APAC   | App     | L1    |               | open        | 2026-06-14 16:48:00 | 2026-06-14 16:48:00 |                     |                     | 0              | 2026-06-15 12:00:00
C-07    | P1       | APAC   | App     | L1    |               | open        | 2026-06-14 16:48:01 | 2026-06-15 12:00:01 |                     |                     | 0              | 2026-06-15 12:00:00
C-08    | P1       | APAC   | App     | L1    |               | new         | 2026-06-14 11:59:59 |                     |                     |                     | 0              | 2026-06-15 12:00:00
C-09    | P2       |        |         |       | gold          | pending     | 2026-06-09 23:59:59 | 2026-06-10 08:00:00 |                     |                     | 0              | 2026-06-15 12:00:00
C-10    | P2       |        |         |       | gold          | on_hold     | 2026-06-10 00:00:00 | 2026-06-10 08:30:01 |                     |                     | 0              | 2026-06-15 12:00:00
C-11    | P4       | EMEA   | App     | L1    | GOLD          | open        | 2026-06-08 03:00:00 |                     |                     |                     | 0              | 2026-06-15 12:00:00
C-12    | P4       | EMEA   | App     | L1    | silver        | closed      | 2026-06-11 23:59:59 |                     | 2026-06-13 10:20:30 | 2026-06-13 10:20:29 | 0              | 2026-06-15 12:00:00
C-13    |          | EMEA   | App     | L1    |               | open        | 2026-06-12 00:00:00 |                     |                     |                     | 0              | 2026-06-15 12:00:00
C-14    | P3       | EMEA   | App     | L1    |               | closed      | 2026-04-02 10:11:12 | 2026-04-01 10:00:00 | 2026-04-12 20:00:00 | 2026-04-13 20:00:00 | 1              | 2026-06-15 12:00:00
C-15    | P3       | EMEA   | App     | L1    |               | closed      | 2026-04-02 10:11:12 | 2026-04-03 10:00:00 | 2026-04-01 20:00:00 | 2026-04-13 20:00:00 | 0              | 2026-06-15 12:00:00
C-16    | P1       | APAC   | App     | L1    |               | closed      | 2026-06-13 12:00:00 | 2026-06-13 12:10:00 | 2026-06-15 12:00:01 |                     | 1              | 2026-06-15 12:00:00
C-17    | P1       | APAC   | App     | L1    |               | open        | 2026-06-15 12:00:00 |                     |                     |                     | 0              | 2026-06-15 12:00:00
C-18    | P1       | APAC   | App     | L1    |               | open        | 2026-06-15 12:00:01 |                     |                     |                     | 0              | 2026-06-15 12:00:00
C-19    | P1       | APAC   | App     | L1    |               | closed      | 2026-06-12 12:00:00 |                     |                     |                     | 0              | 2026-06-12 11:00:00
C-20    | P1       | APAC   | App     | L1    |               | snoozed     | 2026-06-12 12:00:00 | 2026-06-12 12:00:00 | 2026-06-12 13:00:00 |                     | 0              | 2026-06-15 12:00:00
C-21    | P1       | APAC   | App     | L1    |               |             |                     |                     |                     |                     | 0              | 2026-06-15 12:00:00
C-22    | P1       | APAC   | App     | L1    |               | open        | 2026-06-13 00:00:00 | 2026-06-13 00:00:30 |                     |                     | 2              | 2026-06-15 12:00:00
C-23    | P2       | EMEA   | App     | L1    |               | open        | 2026-05-22 15:45:15 | 2026-05-26 08:15:15 |                     |                     | 0              | 2026-06-15 12:00:00
c-23    | P2       | EMEA   | App     | L1    |               | closed      | 2026-05-22 15:45:15 | 2026-05-26 08:15:15 | 2026-05-26 10:00:00 |                     | 0              | 2026-06-15 12:00:01
C-24    | P3       | EMEA   | App     | L1    |               | open        | 2025-10-04 12:00:30 |                     |                     |                     | 0              | 2026-06-15 12:00:01
C-25    | P2       | EMEA   | App     | L1    |               | closed      | 2026-06-11 08:00:00 | 2026-06-11 08:00:00 | 2026-06-16 00:00:00 |                     | 1              | 2026-06-16 12:00:01
C-26    | P1       | EMEA   | App     | L1    |               | closed      | 2026-05-16 11:00:00 | 2026-05-16 12:00:00 | 2026-05-16 12:00:01 |                     | 1              | 2026-06-16 12:00:01
C-27    | urgent   | EMEA   | App     | L1    |               | closed      | 2026-06-01 11:00:00 | 2026-06-02 12:00:00 | 2026-06-15 00:00:00 |                     | 1              | 2026-06-16 12:00:01
        | P1       | EMEA   | App     | L1    |               | open        | 2026-06-15 11:00:00 |                     |                     |                     | 0              | 2026-06-16 12:00:01
C-28    | P1       | EMEA   | App     | L1    |               | closed      | 2026-06-14 00:00:00 | 2026-06-14 00:10:00 | 2026-06-14 06:00:00 | 2026-06-14 08:00:00 | 0              | 2026-06-14 12:00:01
C-29    | P1       | EMEA   | App     | L1    |               | open        | 2026-06-13 00:00:00 | 2026-06-13 00:10:00 |                     |                     | 1              | 2026-06-17 12:00:01
"""),
    "support_case_events": table("""
event_id | case_id | case_status | occurred_at
V-001    | C-01    | new         | 2026-03-27 16:30:00
V-002    | ·c-02   | new         | 2026-03-27 16:30:00
V-003    | C-02    | Pending·    | 2026-03-30 08:10:00
V-004    | C-02    | open        | 2026-03-30 08:20:00
V-005    | C-09    | pending     | 2026-06-11 10:00:00
V-006    | C-09    | on_hold     | 2026-06-12 10:00:00
V-007    | C-10    | on_hold     | 2026-06-10 09:00:00
V-008    | C-10    | open        | 2026-06-10 09:00:00
V-009    | C-10    | on_hold     | 2026-06-10 09:00:00
V-010    | C-14    | pending     | 2026-04-01 00:00:00
V-011    | C-14    | open        | 2026-04-04 20:00:15
V-012    | C-14    | resolved    | 2026-04-05 02:00:00
V-013    | C-14    | closed      | 2026-04-05 08:00:00
V-014    | C-14    | open        | 2026-04-06 00:30:00
V-015    | C-14    | resolved    | 2026-04-12 19:00:00
V-016    | C-16    | resolved    | 2026-06-14 00:00:00
V-017    | C-16    | open        | 2026-06-14 06:00:00
V-018    | C-16    | resolved    | 2026-06-15 12:00:01
V-019    | C-22    | resolved    | 2026-06-13 06:00:00
V-020    | C-22    | pending     | 2026-06-13 12:00:00
V-021    | C-22    | resolved    | 2026-06-13 18:00:00
V-022    | C-22    | open        | 2026-06-14 00:00:00
V-023    | C-22    | on_hold     | 2026-06-15 06:00:00
V-024    | C-25    | pending     | 2026-06-11 09:00:00
V-025    | C-25    | -100        | 2026-06-11 10:00:00
V-026    | C-25    | pending     | 2026-06-11 11:00:00
V-027    | C-25    | open        | 2026-06-11 12:00:00
v-027    | C-25    | open        | 2026-06-12 12:00:00
V-028    | C-77    | open        | 2026-06-12 12:00:00
V-029    |         | open        | 2026-06-12 12:00:00
V-030    | C-27    |             | 2026-06-12 12:00:00
V-031    | C-27    | open        |
         | C-27    | open        | 2026-05-12 12:00:00
V-032    | C-28    | resolved    | 2026-06-14 05:00:00
V-033    | C-28    | closed      | 2026-06-14 08:00:00
V-034    | C-29    | resolved    | 2026-06-14 12:00:00
V-035    | C-29    | open        | 2026-06-17 12:00:00
V-036    | C-27    | pending     | 2026-06-05 12:00:00
V-037    | C-27    | open        | 2026-06-06 12:00:00
"""),
}

RAW: dict[str, Table] = {**MSP_RAW, **REVENUE_RAW, **SUPPORT_RAW}


def _with(rows: Table, key: str, **cells: str) -> Table:
    """The rows with some cells of one of them changed."""
    assert any(row[next(iter(row))].strip() == key for row in rows), key
    return [{**row, **cells} if row[next(iter(row))].strip() == key else row for row in rows]


def _without(rows: Table, *keys: str) -> Table:
    return [row for row in rows if row[next(iter(row))].strip() not in keys]


def _copied(rows: Table, key: str, **cells: str) -> Table:
    """The rows and one more, like an old one but for some cells."""
    (original,) = [row for row in rows if row[next(iter(row))].strip() == key]
    return [*rows, {**original, **cells}]


def changed_raw() -> dict[str, Table]:
    """The same company a week later: rows added, changed and gone, parents and children alike."""
    raw = dict(RAW)
    raw["service_tickets"] = _without(_with(RAW["service_tickets"], "T-2", cost_centre="CORP9"), "T-4")
    raw["hardware_assets"] = _with(_without(RAW["hardware_assets"], "A-1"), "A-2", site_code="PAR-CC")
    tasks = _without(_with(RAW["service_tasks"], "K-05", quantity="7"), "K-06", "K-20")
    tasks = _with(tasks, "K-30", task_status="completed", completed_at="2026-06-20 10:00:00")
    tasks = _with(tasks, "K-01", completion_method="Desk visit", updated_at="2025-06-01 00:00:00")
    tasks = _copied(tasks, "K-02", task_id="k-02 ", quantity="9", updated_at="2026-06-20 00:00:00")
    raw["service_tasks"] = _copied(tasks, "K-03", task_id="K-50", completed_at="2026-06-21 00:00:00")
    lines = _with(RAW["msp_invoice_lines"], "L-01", amount_gbp="102.00")
    raw["msp_invoice_lines"] = _copied(_without(lines, "L-05"), "L-04", invoice_line_id="L-20", tier="Moderate")
    deals = _with(_without(RAW["deals"], "D-11"), "D-12", contract_value="606.00")
    deals = _with(deals, "D-01", deal_status="lost")
    raw["deals"] = _copied(deals, "D-10", deal_id="D-30", customer_segment="Public", currency_code="GBP")
    entries = _with(_without(RAW["revenue_entries"], "E-032", "E-013"), "E-011", recognized_amount="505.01")
    entries = _with(entries, "E-042", deal_id="D-30", recognized_amount="500.00")
    raw["revenue_entries"] = _copied(entries, "E-034", entry_id="E-100")
    cases = _with(_without(RAW["support_cases"], "C-13"), "C-06", case_status="closed", closed_at="2026-06-16 00:00:00")
    cases = _with(cases, "C-09", priority="P1")
    cases = _copied(cases, "C-08", case_id="C-40", created_at="2026-06-21 09:00:01")
    raw["support_cases"] = _copied(cases, "C-03", case_id="C-03", updated_at="2026-06-20 00:00:00", case_status="open")
    events = _with(_without(RAW["support_case_events"], "V-003", "V-014"), "V-005", occurred_at="2026-06-11 08:00:30")
    raw["support_case_events"] = _copied(events, "V-001", event_id="V-100", case_status="on_hold", case_id="C-03")
    return raw


def changed_seeds() -> dict[str, str]:
    """What finance and operations edited that week."""
    rates, targets, overrides = SEEDS["tier_rates"], SEEDS["sla_targets"], SEEDS["activity_point_overrides"]
    return {
        "tier_rates": rates.replace("4.1000", "4.1500").replace("2026-06-01", ""),
        "completion_method_tiers": SEEDS["completion_method_tiers"] + "magic,Simple\n",
        "environment_rules": SEEDS["environment_rules"].replace("head office", "no such place"),
        "task_category_rules": "rule_id,precedence,pattern,category\nCAT-1,1,mouse,Rodents\n",
        "activity_point_overrides": overrides.replace("1000.00", "900.00").replace("K-99", "K-13"),
        "fx_rates": SEEDS["fx_rates"].replace("1.123456", "1.2") + "EUR,2026-03-01,1.14\n",
        "revenue_types": "revenue_type,revenue_category\nSubscription,recurring\nSupport,one_time\n"
        "Gift cards,recurring\nMaintenance,recurring\nService,recurring\nSetup,one_time\nConsulting,one_time\n"
        "Implementation,one_time\n",
        "sla_targets": targets.replace("P1,,resolution,1440,24x7", "P1,,resolution,700,uk_office"),
        "business_calendars": SEEDS["business_calendars"].replace("13:00", "12:30"),
        "calendar_holidays": SEEDS["calendar_holidays"] + "uk_office,2026-06-12,Works outing\n",
    }
