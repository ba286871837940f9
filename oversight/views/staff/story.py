"""One promise: what was promised, and what came of it."""

from __future__ import annotations

import datetime as dt

from flask import abort, render_template
from flask_login import current_user

from app import audit, clock
from app.access import requires
from app.calendar.days import CalendarNotLoaded, WorkCalendar, working_days_between
from app.calendar.queries import work_calendar
from app.clock import local_date
from app.permissions import Permission
from oversight import register as queries
from oversight import words
from oversight.shown import shown
from oversight.views.staff.pages import bp


@bp.get("/viec-da-cam-ket/<int:assignment_id>")
@requires(Permission.REGISTER_READ)
def promise(assignment_id: int) -> str:
    """Show one promise, the item and the answer it belongs to, and the history behind it."""
    reach, own_path, today, calendar = current_user.reach, current_user.unit.path, clock.today(), work_calendar()
    row = queries.promise(assignment_id, reach, today, own_path=own_path)
    if row is None:
        abort(404)
    return render_template(
        "oversight/staff/promise.html",
        held=[(holding, _days(holding.from_at, holding.to_at, calendar)) for holding in row.holdings],
        history=[(entry.at, words.event(entry.action, row.duty)) for entry in reversed(audit.entries_about(row))],
        **shown(row, queries.answers_of([row]).get(row.id), reach=reach, own_path=own_path, today=today, calendar=calendar),
    )


def _days(start: dt.datetime, end: dt.datetime | None, calendar: WorkCalendar) -> int | None:
    try:
        return working_days_between(local_date(start), local_date(end) if end else clock.today(), calendar)
    except CalendarNotLoaded:
        return None
