"""When somebody is reminded of a day, and who: the officer, then whoever leads the unit, then whoever leads the unit above. Pure."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from app.calendar.days import CalendarNotLoaded, WorkCalendar, working_days_between

SOON_DAYS = 2  # working days before the day: the officer
ESCALATED_DAYS = 5  # working days after it: the unit above


class Level(StrEnum):
    """A step of the ladder; the name of its notice. Each is told once for a day that is owed."""

    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    ESCALATED = "escalated"


class Owed(StrEnum):
    """What is owed by the day."""

    ANSWER = "answer"
    ACT = "act"
    TAKE = "take"
    TRIAGE = "triage"


#: What has a term of a day or two is not announced: its day is tomorrow from the start.
ANNOUNCED = frozenset({Owed.ANSWER, Owed.ACT})


def reached(owed: Owed, due_on: dt.date, today: dt.date, calendar: WorkCalendar) -> list[Level]:
    """Return the steps that *today* has reached. Late goes before early: what was never announced is not announced late."""
    days = _days(due_on, today, calendar)
    if today <= due_on:
        return [Level.DUE_SOON] if owed in ANNOUNCED and days <= SOON_DAYS else []
    return [Level.OVERDUE, *([Level.ESCALATED] if days >= ESCALATED_DAYS else [])]


def _days(due_on: dt.date, today: dt.date, calendar: WorkCalendar) -> int:
    try:
        return abs(working_days_between(today, due_on, calendar))
    except CalendarNotLoaded:  # an old day, or one beyond the loaded years: plain days are near enough for a reminder
        return abs((due_on - today).days)
