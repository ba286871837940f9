"""What time does: every morning promises climb, and who is reached is told. May run twice, and goes on where it was killed."""

from __future__ import annotations

import datetime as dt

from app import clock, heartbeat
from app.calendar.days import SATURDAY, CalendarNotLoaded, WorkCalendar
from app.calendar.queries import work_calendar
from app.database import db
from app.escalation import operations

NAME = "escalation.climb"
MORNING = dt.time(7, 5)
#: It runs and beats every day, days off too: an hour or two after a missed morning somebody knows.
TERM = dt.timedelta(hours=26)


def climb() -> None:
    """Let every open promise climb what it has reached, on working days; tell who is reached; leave a beat."""
    now = clock.now()
    today = clock.local_date(now)
    faults = 0
    if _is_working(today, work_calendar()):
        after = operations.FIRST
        while (done := operations.climb_batch(after, today, work_calendar())) is not None:
            after, faults = done.last, faults + done.faults
            db.session.commit()
        faults += operations.climb_matters(today, work_calendar())
        db.session.commit()
        operations.tell(now=now)
        db.session.commit()
    heartbeat.beat(NAME, now=clock.now(), faults=faults)
    db.session.commit()


def _is_working(today: dt.date, calendar: WorkCalendar) -> bool:
    try:
        return calendar.is_working(today)
    except CalendarNotLoaded:
        return today.weekday() < SATURDAY
