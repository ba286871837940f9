"""Who has not handed up a report is reminded some working days before its day, and once it is over. May run twice: told once."""

from __future__ import annotations

import datetime as dt

from app.accounts.queries import holders
from app.clock import local_date
from app.outbox import notify_users
from app.permissions import Permission
from oversight import reports
from oversight.rules import reports as rules
from oversight.rules.reports import Standing

TEMPLATE = "oversight/notices/report_due"


def remind(*, now: dt.datetime) -> int:
    """Remind every unit whose report is due soon or late; return how many units were looked up for it. Flushes."""
    today = local_date(now)
    years = sorted({today.year, (today - rules.TOLD_LATE_FOR).year})  # what fell due in December is told late in January, too
    reminded = 0
    for year in years:
        for row in reports.everything_owed(year, today):
            soon = row.standing in {Standing.SOON, Standing.RETURNED}
            late = row.standing == Standing.LATE and today - row.due_on <= rules.TOLD_LATE_FOR
            if not (soon or late):
                continue
            people = holders(Permission.OVERSIGHT_REPORT, row.unit, on=today)
            what = "late" if late else "soon"
            notify_users(
                people, TEMPLATE, row.duty, f"{what}:{row.unit.id}:{year}", now=now,
                what=what, unit=row.unit.short_name, name=row.duty.name, year=year, last_on=row.due_on,
            )  # fmt: skip
            reminded += 1
    return reminded
