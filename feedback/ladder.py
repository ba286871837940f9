"""When the short terms of an item are reminded of, and who: the people at work on it, its unit's head, then the unit above. Pure.

What a promise itself is owed by climbs the ladder of the core (app.escalation); here are the terms of a day or two inside a unit: to take
what was offered, to classify what came in. Their day is tomorrow from the start, so nothing is announced.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from app.calendar.days import ONE_DAY, WorkCalendar
from app.escalation.rules import distance

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
    DATA = "data"  # to decide on what somebody asks about their own data


def reached(due_on: dt.date, today: dt.date, calendar: WorkCalendar) -> list[Level]:
    """Return the steps that *today* has reached."""
    if today <= due_on:
        return []
    return [Level.OVERDUE, *([Level.ESCALATED] if distance(due_on, today, calendar) >= ESCALATED_DAYS else [])]


def latest(level: Level, today: dt.date, calendar: WorkCalendar) -> dt.date:
    """Return the latest day owed for which *today* has reached *level*, a step after it: the last of which :func:`reached` says so."""
    day = today - ONE_DAY
    while level is Level.ESCALATED and distance(day, today, calendar) < ESCALATED_DAYS:
        day -= ONE_DAY
    return day
