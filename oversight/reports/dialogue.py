"""What a report of a unit says of its dialogues, with those of the units below it: what Hướng dẫn 04-HD/BDVTU (Kon Tum) has a session be.

Its part III asks for the section, "đề nghị bổ sung thêm một mục: công tác tổ chức tiếp xúc, đối thoại", and names nothing in it; so the
section follows the course of its part II.2: the plan of the year and what came up besides, who came, what was asked and how it was
answered, what was concluded with its day, what was done of it or why not, and whether the dossier is complete.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.database import db
from app.units.models import Unit
from dialogues.duties import Span, State, quarter
from dialogues.models import Attendance, ConclusionAssignment, EarlierPromise, Hall, PlanLine, Session, YearPlan
from dialogues.papers import year
from dialogues.queries import raised
from dialogues.rules import AnswerKind, PlanState, Status
from feedback import masking
from oversight.figures import SITE
from oversight.figures import meetings as figures_meetings


@dataclass(frozen=True)
class Left:
    """What was promised at a session and is not done."""

    what: str
    unit: str
    due_on: dt.date | None
    late: bool
    why: str  # the reason the unit gave at a later session; "" where it gave none


@dataclass
class Dialogues:
    """The dialogues of a unit, and of those below it, in a span."""

    sessions: list[Session]  # held
    planned: int = 0  # lines of approved plans for the quarters that end in the span
    unplanned: int = 0  # held without a line of a plan
    put_off: int = 0  # postponed or called off
    people: int = 0
    answers: Counter[str] = field(default_factory=Counter)  # AnswerKind → what was put in the hall
    written: int = 0  # of those to be answered in writing, answered since
    made: int = 0  # promises
    kept: int = 0
    left: list[Left] = field(default_factory=list)
    concluded: int = 0
    published: int = 0
    archived: int = 0
    owing: int = 0  # units that must meet the people in the year
    met: int = 0  # and did as often as they must


def dialogues(unit: Unit, span: Span, today: dt.date) -> Dialogues:
    """Return what the sessions of *unit* and of those below it came to in *span*, as it stands on *today*."""
    below = Unit.path.startswith(unit.path, autoescape=True)
    held = year.held(Session.unit_id.in_(select(Unit.id).where(below)), span)
    found = Dialogues(held, planned=_planned(below, span), put_off=_put_off(below, span), people=_people([each.id for each in held]))
    found.made, found.kept = year.promises(held)
    for session in held:
        found.unplanned += session.plan_line_id is None
        found.concluded += session.concluded_at is not None
        found.published += session.published_at is not None
        found.archived += session.archived_at is not None
        for question in raised(session):
            found.answers[question.answer_kind or ""] += 1
            if question.answer_kind == AnswerKind.IN_WRITING and question.feedback is not None:
                found.written += question.feedback.answered_at is not None
    found.left = _left(held, today)
    meetings = figures_meetings.meetings(span.last.year, today=today, reach=SITE, below=unit)
    found.owing, found.met = len(meetings), sum(each.states[State.MET] == each.duties for each in meetings)
    return found


def _planned(below: ColumnElement[bool], span: Span) -> int:
    years = range(span.first.year, span.last.year + 1)
    query: Any = select(YearPlan.year, PlanLine.quarter, func.count()).join(YearPlan.lines).join(YearPlan.unit)
    rows = db.session.execute(
        query.where(below, YearPlan.state == PlanState.APPROVED, YearPlan.year.in_(years)).group_by(YearPlan.year, PlanLine.quarter)
    )
    return sum(number for of_year, each, number in rows if span.first <= quarter(of_year, each).last <= span.last)


def _put_off(below: ColumnElement[bool], span: Span) -> int:
    off = Session.status.in_([Status.POSTPONED, Status.CANCELLED])
    return db.session.scalar(select(func.count(Session.id)).join(Session.unit).where(below, off, year.begins_in(span))) or 0


def _people(ids: Collection[int]) -> int:
    """Return how many came, as the statistics of dialogues have it: who came through the door, or was counted in the hall: the greater."""
    came: Any = select(Attendance.session_id, func.sum(Attendance.people)).where(Attendance.session_id.in_(ids))
    counted: Any = select(Hall.session_id, func.sum(Hall.people_counted)).where(Hall.session_id.in_(ids))
    by_door = dict(db.session.execute(came.group_by(Attendance.session_id)).all())
    by_hall = dict(db.session.execute(counted.group_by(Hall.session_id)).all())
    return sum(max(by_door.get(id_) or 0, by_hall.get(id_) or 0) for id_ in ids)


def _left(held: list[Session], today: dt.date) -> list[Left]:
    given = [row for session in held for row in session.promises if row.is_open and not row.is_untold]
    said = select(EarlierPromise).where(EarlierPromise.assignment_id.in_([row.id for row in given]), EarlierPromise.why_not != "")
    why = {row.assignment_id: row.why_not for row in db.session.scalars(said.order_by(EarlierPromise.id))}  # the last reason counts
    return [_one_left(row, why.get(row.id, ""), today) for row in sorted(given, key=_first_due)]


def _one_left(row: ConclusionAssignment, why: str, today: dt.date) -> Left:
    what = row.public_title or masking.masked(row.title)
    return Left(what, row.unit.name, row.due_on, row.is_late(today), masking.masked(why))


def _first_due(row: ConclusionAssignment) -> tuple[dt.date, int]:
    return row.due_on or dt.date.max, row.id
