"""What the code alone shows of an item, to everyone."""

from __future__ import annotations

import datetime as dt

from flask import render_template
from flask_babel import gettext as _
from markupsafe import Markup

from app import clock
from app.assignments.facts import ClockFacts
from app.calendar.days import WorkCalendar
from app.calendar.queries import work_calendar
from app.formats import Chip
from app.pieces import piece, render
from app.units.queries import named_fields
from feedback.forms.tracking import TrackForm
from feedback.glance import Glance, Running
from feedback.views.citizen.thread import chip_on
from feedback.why import explanation


def page(seen: Glance) -> str:
    """Return the page."""
    calendar, today = work_calendar(), clock.today()
    answer, notice = seen.answer_clock, seen.notice_clock
    why = _why(answer.facts, calendar) if answer else None
    field = named_fields().get(seen.row.field_id)
    return render_template(
        "feedback/citizen/public_view.html",
        seen=seen,
        item=seen.row,
        chip=_chip(answer or notice, today, calendar),
        due_on=why[0] if why else None,
        owed=why is not None,
        why=why or (_why(notice.facts, calendar) if notice else None),
        field=field and field.name,
        key=_key(),
    )


def _chip(running: Running | None, today: dt.date, calendar: WorkCalendar) -> Chip | None:
    if running is None:
        return None
    if running.facts.is_paused:
        return {"state": "hold", "text": _("Tạm dừng tính hạn")}
    return chip_on(running.due_on, running.stopped_on, today, calendar)


@piece
def _why(facts: ClockFacts, calendar: WorkCalendar) -> tuple[dt.date | None, Markup] | None:
    """Return the day that comes of *facts*, and why, as it is shown: the same for all that came in on one day under one rule."""
    why = explanation(facts, calendar)
    return (why["due_on"], render("feedback/citizen/_why.html", why=why)) if why else None


@piece
def _key() -> Markup:
    """Return the field for the key."""
    return render("feedback/citizen/_key.html", key=TrackForm(formdata=None, meta={"csrf": False}).key)
