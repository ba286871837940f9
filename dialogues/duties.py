"""Who owes the people a meeting, how often, and whether it took place. Pure: rows and days, no database, no web.

Late is derived: a period (a year, a month) that ended with fewer meetings than the duty asks for, or a quarter of the unit's own plan
that passed without the meeting it names.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MONTHS = range(1, 13)


class DutyKind(StrEnum):
    """What meets the duty."""

    SESSION = "session"  # đối thoại
    RECEPTION = "reception"  # tiếp công dân định kỳ


class Per(StrEnum):
    """In which period it is due so many times."""

    YEAR = "year"
    MONTH = "month"


class State(StrEnum):
    """How a unit stands with a duty; the gravest first."""

    LATE = "late"  # a period ended short, or the plan's quarter passed
    OPEN = "open"  # the period runs and too little is planned
    COMING = "coming"  # what is planned will do
    MET = "met"


@dataclass(frozen=True)
class Span:
    """A period: its first and its last day."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Meeting:
    """A session or a reception day of one unit, held or still to come; *address* is its code or uid."""

    unit_id: int
    kind: DutyKind
    day: dt.date
    held: bool
    address: str
    with_front: bool = False
    by_deputy: bool = False


@dataclass(frozen=True)
class Standing:
    """How a unit stands with a duty: in the last period that has begun, the ended periods that were short, the plan's quarters too."""

    state: State
    span: Span
    held: int
    coming: tuple[Meeting, ...]
    missed: tuple[Span, ...]
    quarters: tuple[int, ...] = ()  # of the plan, passed without the meeting they name


def binds(duty: Any, unit: Any) -> bool:
    """Say whether *duty* (a MeetingDuty) is one of *unit*: by kind and level, unless it is a division of another of the same kind.

    The rooms of a commune's committee (văn phòng, phòng) answer in its name, and owe nothing of their own.
    """
    if duty.unit_kinds and unit.kind not in duty.unit_kinds:
        return False
    if duty.levels and unit.level not in duty.levels:
        return False
    if (unit.kind, unit.level) == ("office", "commune"):
        return False
    return unit.parent is None or (unit.parent.kind, unit.parent.level) != (unit.kind, unit.level)


def spans(duty: Any, year: int, today: dt.date) -> list[Span]:
    """Return the periods of *year* that have begun and in which *duty* is in force."""
    if duty.per == Per.YEAR:
        every = [Span(dt.date(year, 1, 1), dt.date(year, 12, 31))]
    else:
        every = [Span(dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])) for month in MONTHS]
    # A yearly duty that came into force in the middle of the year took the place of an older one; a monthly one begins with its month.
    begins = [span.last if duty.per == Per.YEAR else span.first for span in every]
    return [
        span
        for span, begin in zip(every, begins, strict=True)
        if span.first <= today and duty.effective_from <= begin and (duty.effective_to is None or duty.effective_to >= span.last)
    ]


def quarter(year: int, number: int) -> Span:
    """Return the first and the last day of a quarter."""
    month = 3 * number
    return Span(dt.date(year, month - 2, 1), dt.date(year, month, calendar.monthrange(year, month)[1]))


def standing(
    duty: Any, unit: Any, meetings: Iterable[Meeting], *, year: int, today: dt.date, planned: Iterable[int] = ()
) -> Standing | None:
    """Return how *unit* stands with *duty* in *year*, *meetings* being its own; None where no period of it has begun.

    *planned*: the quarter of each line of the unit's approved plan.
    """
    begun = spans(duty, year, today)
    if not begun:
        return None
    fitting = [each for each in meetings if _counts(each, duty)]

    def held(span: Span) -> int:
        return sum(each.held and span.first <= each.day <= span.last for each in fitting)

    # A unit that was not there from the first day on has nothing to answer for, and nobody knows what was before the site kept it.
    since = max(unit.valid_from, duty.watched_from)

    def over(span: Span) -> bool:
        return span.last < today and since <= span.first

    missed = tuple(span for span in begun if over(span) and held(span) < duty.times)
    now = begun[-1]
    passed: list[int] = []
    if duty.per == Per.YEAR and duty.kind == DutyKind.SESSION and not missed:
        passed = [each for each in sorted(planned) if over(quarter(year, each))]
    left = tuple(passed[held(now) : duty.times])
    coming = tuple(sorted((e for e in fitting if not e.held and today <= e.day <= now.last), key=lambda each: each.day))
    if missed or left:
        state = State.LATE
    elif held(now) >= duty.times:
        state = State.MET
    else:
        state = State.COMING if held(now) + len(coming) >= duty.times else State.OPEN
    return Standing(state, now, held(now), coming, missed, left)


def _counts(meeting: Meeting, duty: Any) -> bool:
    if meeting.kind != duty.kind or (duty.in_person and meeting.by_deputy):
        return False
    return meeting.with_front or not duty.with_front


def slots(begins: dt.time, ends: dt.time, minutes: int) -> list[dt.time]:
    """Return when each visitor of a reception day begins."""
    first, last = (each.hour * 60 + each.minute for each in (begins, ends))
    return [dt.time(at // 60, at % 60) for at in range(first, last - minutes + 1, minutes)]


def days_of(year: int, month: int, numbers: Sequence[int]) -> list[dt.date]:
    """Return those days of a month (10, 25); one that the month lacks is its last day, and none comes twice."""
    last = calendar.monthrange(year, month)[1]
    return sorted({dt.date(year, month, min(number, last)) for number in numbers})
