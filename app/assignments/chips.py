"""The due chip of a duty, for every list: what burns while it is open, what became of it afterwards."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext as _
from flask_babel import ngettext

from app.assignments.models import Assignment
from app.assignments.queries import working_days_late
from app.assignments.rules import State
from app.calendar.days import CalendarNotLoaded, WorkCalendar, working_days_between
from app.clock import local_date
from app.formats import Chip, due_chip, format_day_short


def open_chip(due_on: dt.date | None, *, asking: bool, today: dt.date, calendar: WorkCalendar) -> Chip:
    """Return the due chip of something open; *asking*: its clock stands because the sender was asked."""
    if due_on is None:
        return {"state": "hold", "text": _("Tạm dừng tính hạn") if asking else _("Chưa có hạn")}
    try:
        left = working_days_between(today, due_on, calendar)
    except CalendarNotLoaded:
        return {"state": "ok", "text": format_day_short(due_on)}
    return due_chip(due_on, today, abs(left))


def chip_of(duty: Assignment, *, today: dt.date, calendar: WorkCalendar) -> Chip:
    """Return the due chip of *duty*, open or closed. Only what burns is red: what is over says in words that it came late."""
    if duty.closed_at is None:
        return open_chip(duty.due_on, asking=False, today=today, calendar=calendar)
    if duty.state in {State.RETURNED, State.CANCELLED}:
        return {"state": "hold", "text": _("Không còn phải làm")}
    if duty.due_on is None or not duty.is_late(today):
        return {"state": "done", "text": _("Đúng hạn") if duty.due_on else _("Đã xong")}
    days = working_days_late(duty, today, calendar)
    if days:
        return {"state": "soon", "text": ngettext("Trễ hạn %(num)d ngày làm việc", "Trễ hạn %(num)d ngày làm việc", days)}
    days = (local_date(duty.closed_at) - duty.due_on).days
    return {"state": "soon", "text": ngettext("Trễ hạn %(num)d ngày", "Trễ hạn %(num)d ngày", days)}
