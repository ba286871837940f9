"""Which steps of the ladder a promise has reached on a day, and which of them are still to be climbed. Pure.

A rung says: so many working days before or after the day that is owed, such people are told. The ladder goes by the day as it stands:
an extension, a pause or a reopening moves it, and the promise climbs anew for the new day. What was climbed stays written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.calendar.days import ONE_DAY, CalendarNotLoaded, WorkCalendar, working_days_between


class Level(StrEnum):
    """Whom a rung reaches; the lowest first."""

    OFFICER = "officer"  # who has it; in a unit that gave it to nobody, everyone who handles such things there
    HEAD = "head"  # who leads the unit
    SUPERIOR = "superior"  # who leads the unit above
    CHAIRMAN = "chairman"  # the head of the People's Committee at the top
    STEERING = "steering"  # the steering committee's standing body


#: Of one's own line: after a transfer other people stand there, who have heard nothing yet.
OF_THE_UNIT = frozenset({Level.OFFICER, Level.HEAD, Level.SUPERIOR})

#: From here on it is no more the unit's own matter.
ABOVE = frozenset({Level.SUPERIOR, Level.CHAIRMAN, Level.STEERING})


class Rung(Protocol):
    """A rule as it stands."""

    code: str
    level: str
    days: int
    kinds: list[str]
    duties: list[str]


@dataclass(frozen=True)
class Owed:
    """What the ladder asks of a promise."""

    kind: str
    duty: str
    unit_id: int
    due_on: dt.date


@dataclass(frozen=True)
class Climbed:
    """A step that was climbed: of which rung, for which day, while it lay with which unit."""

    code: str
    level: str
    due_on: dt.date
    unit_id: int


def distance(due_on: dt.date, today: dt.date, calendar: WorkCalendar) -> int:
    """Return how many working days *today* is past *due_on*, negative before it.

    Past the loaded calendar plain days are near enough: nobody is spared because a year's decree is missing.
    """
    try:
        return working_days_between(due_on, today, calendar)
    except CalendarNotLoaded:
        return (today - due_on).days


def fits(rung: Rung, owed: Owed) -> bool:
    """Say whether the rung is about such a promise; naming nothing it is about all."""
    return (not rung.kinds or owed.kind in rung.kinds) and (not rung.duties or owed.duty in rung.duties)


def is_reached(rung: Rung, due_on: dt.date, today: dt.date, days: int) -> bool:
    """Say whether *today*, so many working *days* past the day, has reached the rung.

    What was never announced is not announced once it is late: then the rungs after the day speak.
    """
    if rung.days <= 0:
        return today <= due_on and days >= rung.days
    return today > due_on and days >= rung.days


def days_reached(rung: Rung, today: dt.date, calendar: WorkCalendar) -> tuple[dt.date, dt.date]:
    """Return the first and the last of the days owed for which *today* has reached the rung: those of which :func:`is_reached` says so."""
    if rung.days <= 0:
        last = today
        while distance(last + ONE_DAY, today, calendar) >= rung.days:
            last += ONE_DAY
        return today, last
    last = today - ONE_DAY
    while distance(last, today, calendar) < rung.days:
        last -= ONE_DAY
    return dt.date.min, last


def to_climb(rungs: Iterable[Rung], owed: Owed, climbed: Collection[Climbed], today: dt.date, calendar: WorkCalendar) -> list[Rung]:
    """Return the rungs that are reached and were not climbed for this day, the lowest first.

    A rung of the unit's own line is climbed once in each unit that has it, one above all units once.
    """
    days = distance(owed.due_on, today, calendar)
    done = [each for each in climbed if each.due_on == owed.due_on]
    there = {each.code for each in done if each.level not in OF_THE_UNIT or each.unit_id == owed.unit_id}
    found = [rung for rung in rungs if rung.code not in there and fits(rung, owed) and is_reached(rung, owed.due_on, today, days)]
    return sorted(found, key=lambda rung: (rank(rung.level), rung.days, rung.code))


def rank(level: str) -> int:
    """Return how high a level stands: 1 is the officer."""
    return list(Level).index(Level(level)) + 1


def upward(level: Level) -> Sequence[Level]:
    """Return *level* and those above it: where nobody stands, the next is told, and it is written that nobody was there."""
    return list(Level)[rank(level) - 1 :]
