"""Reports of units: when each is due, where it stands, who writes, hands up, accepts and reads it. Pure."""

from __future__ import annotations

import calendar
import datetime as dt
from enum import StrEnum
from typing import Any

from app.assignments.rules import IllegalTransition
from app.calendar.days import ONE_DAY
from app.permissions import Permission, Reach
from dialogues.duties import Span
from oversight.rules.papers import issues_for, may_number, may_sign

#: Who has not handed up is reminded so many working days before the last day.
REMIND_BEFORE = 5
#: And once it is over; what is older than this is on the board, and no news.
TOLD_LATE_FOR = dt.timedelta(days=60)


class Period(StrEnum):
    """What a report is about."""

    HALF_YEAR = "half_year"
    YEAR = "year"
    PLAN = "plan"  # the plan of the year
    AD_HOC = "ad_hoc"  # asked for once: no duty says when


class Receiver(StrEnum):
    """To whom it is handed up."""

    PARENT = "parent"
    STANDING = "standing"  # cơ quan thường trực của Ban Chỉ đạo


class State(StrEnum):
    """Where a report stands."""

    DRAFT = "draft"  # written, on its way to signature and number
    SIGNED_OFF = "signed_off"
    HANDED_UP = "handed_up"
    RETURNED = "returned"  # with a reason: a new paper takes the place of the one before
    ACCEPTED = "accepted"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SIGNED_OFF, State.RETURNED}),  # the draft that followed a return may be thrown away
    State.SIGNED_OFF: frozenset({State.HANDED_UP}),
    State.HANDED_UP: frozenset({State.ACCEPTED, State.RETURNED}),
    State.RETURNED: frozenset({State.DRAFT}),
    State.ACCEPTED: frozenset(),
}
#: Whoever is above reads it from then on, also while it is written anew.
UP = (State.HANDED_UP, State.RETURNED, State.ACCEPTED)


class Standing(StrEnum):
    """How a unit stands with one report of a year; the gravest first."""

    LATE = "late"
    RETURNED = "returned"
    SOON = "soon"
    OPEN = "open"
    HANDED_UP = "handed_up"
    ACCEPTED = "accepted"


def check(old: State, new: State) -> None:
    """:raise IllegalTransition: when a report may not go from *old* to *new*."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(old, new)


def due_on(duty: Any, year: int) -> dt.date:
    """Return the last day for the report of *year*: "trước ngày 15/6" is 14/6 at the latest."""
    last = calendar.monthrange(year, duty.month)[1]
    return dt.date(year, duty.month, min(duty.day, last)) - ONE_DAY


def span(period: str, year: int) -> Span:
    """Return what the report of *year* is about."""
    if period == Period.HALF_YEAR:
        return Span(dt.date(year, 1, 1), dt.date(year, 6, 30))
    return Span(dt.date(year, 1, 1), dt.date(year, 12, 31))


def standing(due: dt.date, state: str | None, today: dt.date, *, soon_from: dt.date) -> Standing:
    """Return how a unit stands whose report is in *state* (None: not begun); *soon_from*: the day from which it is reminded."""
    if state == State.ACCEPTED:
        return Standing.ACCEPTED
    if state == State.HANDED_UP:
        return Standing.HANDED_UP
    if today > due:
        return Standing.LATE
    if state == State.RETURNED:
        return Standing.RETURNED
    return Standing.SOON if today >= soon_from else Standing.OPEN


def may_write(reach: Reach, unit: Any) -> bool:
    """Say whether a person writes the reports of *unit*, and hands them up: nobody does so for another unit."""
    return issues_for(reach, Permission.OVERSIGHT_REPORT, unit_id=unit.id, unit_path=unit.path)


def receives(reach: Reach, body: Any | None) -> bool:
    """Say whether a person reads what is handed up to *body*: who reports for it, or reminds for it."""
    if body is None:
        return False
    return any(
        issues_for(reach, permission, unit_id=body.id, unit_path=body.path)
        for permission in (Permission.OVERSIGHT_REPORT, Permission.OVERSIGHT_REMIND)
    )


def may_receive(reach: Reach, unit: Any, to: Any | None) -> bool:
    """Say whether a person accepts or returns what *unit* handed up *to* a body: its people, and none of the unit's own."""
    if to is None or to.id == unit.id:
        return False
    return receives(reach, to) and not reach.is_of(unit_id=unit.id, unit_path=unit.path)


def may_read(reach: Reach, unit: Any, to: Any | None, *, up: bool) -> bool:
    """Say whether a person reads a report of *unit* to *to*: its own people; once it was handed *up*, whoever it is for or who oversees."""
    if may_write(reach, unit) or may_sign(reach, unit_path=unit.path) or may_number(reach, unit_path=unit.path):
        return True
    return up and (receives(reach, to) or reach.may(Permission.REGISTER_READ, unit_path=unit.path, place_id=unit.place_id))
