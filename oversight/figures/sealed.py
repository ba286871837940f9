"""Denunciations in figures: how many came to the whole province in a half-year that is over; for MTTQ, whether they were handled in time.

Nothing finer leaves the sealed register: no unit, area or month, no half-year that still runs. A number that changes from one day to the
next, or is of one unit, would tell of one case.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.calendar.days import CalendarNotLoaded, WorkCalendar, count
from app.calendar.queries import rules_in_force, work_calendar
from app.calendar.rules import Facts, Rule, Stage, choose, term_for
from app.clock import local_date
from app.database import db
from app.permissions import Permission, Reach
from dialogues.duties import Span
from feedback.sealed.models import SealedCase
from feedback.sealed.rules import SealedStep

#: A look, and what the sender added, is not yet a way of dealing with it.
DEALT_WITH = (SealedStep.BOOKED, SealedStep.PASSED_ON, SealedStep.INSPECTED, SealedStep.OUTSIDE)
JULY = 7


@dataclass(frozen=True)
class Timeliness:
    """What became of the cases of one half-year by the term of first handling."""

    span: Span
    received: int
    in_time: int
    late: int  # dealt with after the day, or not yet and the day is past
    waiting: int  # not yet, and the day has not passed
    unknown: int  # no term is in force, or the calendar of the year is not loaded

    @property
    def share(self) -> float | None:
        """Of those whose day is over, or that were dealt with, how many in time."""
        over = self.in_time + self.late
        return self.in_time / over if over else None


def half_year(day: dt.date) -> Span:
    """Return the half-year that *day* is in."""
    if day.month < JULY:
        return Span(dt.date(day.year, 1, 1), dt.date(day.year, 6, 30))
    return Span(dt.date(day.year, JULY, 1), dt.date(day.year, 12, 31))


def ended(today: dt.date, number: int = 4) -> list[Span]:
    """Return the last *number* half-years that are over, the newest first."""
    found, span = [], half_year(today)
    for _ in range(number):
        span = half_year(span.first - dt.timedelta(days=1))
        found.append(span)
    return found


def received(today: dt.date, number: int = 4) -> list[tuple[Span, int]]:
    """Return how many came in each of those half-years: what everyone may know."""
    months = select(SealedCase.received_month, func.count()).group_by(SealedCase.received_month)
    counted = dict(db.session.execute(months).all())
    return [(span, sum(n for month, n in counted.items() if span.first <= month <= span.last)) for span in ended(today, number)]


def timeliness(reach: Reach, today: dt.date, number: int = 4) -> list[Timeliness] | None:
    """Return how timely those of each half-year were dealt with; None for whoever is not MTTQ of the whole province."""
    if not any(scope.everywhere for scope in reach.scopes(Permission.OVERSIGHT_PETITION)):
        return None
    spans = ended(today, number)
    cases = select(SealedCase).where(SealedCase.received_month >= spans[-1].first, SealedCase.received_month <= spans[0].last)
    rows = db.session.scalars(cases.options(selectinload(SealedCase.steps))).all()
    calendar = work_calendar()
    return [_of(span, [row for row in rows if span.first <= row.received_month <= span.last], calendar, today) for span in spans]


def _of(span: Span, cases: list[SealedCase], calendar: WorkCalendar, today: dt.date) -> Timeliness:
    became = [_became(case, calendar, today) for case in cases]
    return Timeliness(span, len(cases), *(became.count(what) for what in ("in_time", "late", "waiting", "unknown")))


def _became(case: SealedCase, calendar: WorkCalendar, today: dt.date) -> str:
    # Luật Tố cáo 2018 Điều 24 khoản 1 (wording from memory): "Trong thời hạn 07 ngày làm việc kể từ ngày nhận được tố cáo, cơ quan,
    # tổ chức, cá nhân có trách nhiệm vào sổ, phân loại, xử lý ban đầu thông tin tố cáo". The amount is a row that can be corrected.
    received_on = local_date(case.heading.received_at)
    rule: Rule | None = choose(rules_in_force(received_on, Stage.INITIAL), Facts(kind="denunciation"), Stage.INITIAL, received_on)
    try:
        due_on = count(term_for(rule), received_on, calendar).due_on if rule is not None else None
    except CalendarNotLoaded:
        due_on = None
    if due_on is None:
        return "unknown"
    first = min((local_date(step.at) for step in case.taken if step.kind in DEALT_WITH), default=None)
    if first is None:
        return "late" if today > due_on else "waiting"
    return "in_time" if first <= due_on else "late"
