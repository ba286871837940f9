"""Questions about promises and their clocks."""

from __future__ import annotations

import datetime as dt

from app.assignments.facts import ClockFacts
from app.assignments.models import Assignment, Clock
from app.calendar.days import CalendarNotLoaded, Counted, Extension, Pause, TermUnit, WorkCalendar, count, working_days_between
from app.calendar.rules import Rule, term_for
from app.clock import local_date


def counted(clock: Clock | ClockFacts, calendar: WorkCalendar) -> Counted:
    """Return the clock's due date with everything that explains it, from the clock's own facts.

    :raise CalendarNotLoaded: when a day that matters lies outside the loaded years.
    """
    return count(
        term_for(Rule.from_json(clock.rule), clock.variants),
        clock.started_on,
        calendar,
        pauses=[Pause(pause.starts_on, pause.ends_on, pause.ground) for pause in clock.pauses],
        extensions=[Extension(each["amount"], TermUnit(each["unit"]), each["ground"]) for each in clock.extensions],
    )


def working_days_late(duty: Assignment, today: dt.date, calendar: WorkCalendar) -> int:
    """Return how many working days *duty* is, or was when it closed, past its day; past the loaded calendar plain days are counted."""
    if duty.due_on is None or not duty.is_late(today):
        return 0
    end = local_date(duty.closed_at) if duty.closed_at else today
    try:
        return working_days_between(duty.due_on, end, calendar)
    except CalendarNotLoaded:
        return (end - duty.due_on).days
