"""A year of dialogues by unit: sessions, people, questions, promises, marks. Read at once, however many units there are."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func
from sqlalchemy.orm import joinedload

from app.assignments.rules import State
from app.clock import LOCAL, local_date
from app.database import db
from app.fold import sort_key
from app.permissions import Reach
from app.units.models import Unit
from dialogues import board, public
from dialogues.given import LEFT
from dialogues.models import Attendance, ConclusionAssignment, Evaluation, Hall, Question, Session
from dialogues.rules import GONE, AnswerKind, Status

#: Nobody was asked to come to these.
_NONE = (Status.DRAFT, Status.CANCELLED)
MARKS = ("heard", "answered", "organised")


@dataclass
class Year:
    """One unit's sessions of a year."""

    planned: int = 0  # without drafts and what was called off
    held: int = 0
    people: int = 0
    asked: int = 0
    answers: Counter[str] = field(default_factory=Counter)  # AnswerKind → questions put in the hall
    promised: int = 0
    kept: int = 0
    late: int = 0  # not kept by its day: still open, or kept afterwards
    marks: Counter[str] = field(default_factory=Counter)  # of MARKS → their sum
    evaluated: int = 0

    @property
    def put(self) -> int:
        """Questions answered in the hall, in whatever way."""
        return self.answers.total()

    def mean(self, mark: str = "") -> float | None:
        """Return the mean of one mark, or of all three; None where nobody gave any."""
        if not self.evaluated:
            return None
        return self.marks[mark] / self.evaluated if mark else self.marks.total() / self.evaluated / len(MARKS)


def of_year(reach: Reach, year: int, today: dt.date) -> list[tuple[Unit, Year]]:
    """Return every unit that *reach* may read and that had a session planned in *year*, the province before communes, by name."""
    inside = _inside(reach, year)
    units = {unit.id: unit for unit in db.session.scalars(db.select(Unit).where(Unit.id.in_(db.select(Session.unit_id).where(inside))))}
    found = {id_: Year() for id_ in units}
    _sessions(found, inside)
    petitions = _promises(found, inside, today)
    _questions(found, inside, today, petitions)
    return sorted(((units[id_], row) for id_, row in found.items()), key=lambda each: (each[0].level != "province", sort_key(each[0].name)))


def total(rows: Iterable[Year]) -> Year:
    """Return the sum of *rows*."""
    whole = Year()
    for row in rows:
        for name in ("planned", "held", "people", "asked", "promised", "kept", "late", "evaluated"):
            setattr(whole, name, getattr(whole, name) + getattr(row, name))
        whole.answers += row.answers
        whole.marks += row.marks
    return whole


def _inside(reach: Reach, year: int) -> ColumnElement[bool]:
    begin, end = (dt.datetime(each, 1, 1, tzinfo=LOCAL) for each in (year, year + 1))
    units = db.select(Unit.id).where(board.within(reach))
    return and_(Session.unit_id.in_(units), Session.starts_at >= begin, Session.starts_at < end, Session.status.not_in(_NONE))


def _sessions(found: dict[int, Year], inside: ColumnElement[bool]) -> None:
    for unit_id, status, number in db.session.execute(
        db.select(Session.unit_id, Session.status, func.count()).where(inside).group_by(Session.unit_id, Session.status)
    ):
        found[unit_id].planned += number
        found[unit_id].held += number if status in board.HELD else 0
    # Whoever came through the door was counted one by one; people in a satellite hall at once. Where both were done, the greater counts.
    came = _sums(
        db.select(Session.unit_id, Session.id, func.sum(Attendance.people)).join(Attendance, Attendance.session_id == Session.id), inside
    )
    counted = _sums(db.select(Session.unit_id, Session.id, func.sum(Hall.people_counted)).join(Hall, Hall.session_id == Session.id), inside)
    for key in came.keys() | counted.keys():
        found[key[0]].people += max(came.get(key, 0), counted.get(key, 0))
    sums = [func.sum(getattr(Evaluation, mark)) for mark in MARKS]
    query = db.select(Session.unit_id, func.count(), *sums).join(Evaluation, Evaluation.session_id == Session.id).where(inside)
    for unit_id, number, *marks in db.session.execute(query.group_by(Session.unit_id)):
        found[unit_id].evaluated = number
        found[unit_id].marks = Counter({name: int(mark) for name, mark in zip(MARKS, marks, strict=True)})


def _sums(query: Select[Any], inside: ColumnElement[bool]) -> dict[tuple[int, int], int]:
    rows: Any = db.session.execute(query.where(inside).group_by(Session.unit_id, Session.id))
    return {(unit_id, session_id): int(number or 0) for unit_id, session_id, number in rows}


def _questions(
    found: dict[int, Year], inside: ColumnElement[bool], today: dt.date, petitions: dict[int | None, ConclusionAssignment]
) -> None:
    query = db.select(Session.unit_id, Question.answer_kind, func.count()).join(Question, Question.session_id == Session.id)
    query = query.where(inside, Question.state.not_in(GONE)).group_by(Session.unit_id, Question.answer_kind)
    for unit_id, kind, number in db.session.execute(query):
        found[unit_id].asked += number
        if kind in list(AnswerKind):
            found[unit_id].answers[kind] += number
    deferred = db.select(Question).join(Question.session).where(inside, *LEFT)
    for question in db.session.scalars(deferred.options(joinedload(Question.feedback), joinedload(Question.session))):
        assert question.feedback is not None  # asked for
        item = question.feedback.merged_into or question.feedback
        answered_on = local_date(item.answered_at) if item.answered_at and not item.is_open else None
        petition = petitions.get(question.id)
        above = public.Above.of(petition.due_on, petition.state, petition.closed_at) if petition else None
        done_on, late = public.settled(question.promised_on, answered_on, above, today)
        _promise(found[question.session.unit_id], done=done_on is not None, late=late)


def _promises(found: dict[int, Year], inside: ColumnElement[bool], today: dt.date) -> dict[int | None, ConclusionAssignment]:
    """Count what was given out; return by question the petitions that go with its answer, and are one matter with it."""
    given = db.select(ConclusionAssignment).join(ConclusionAssignment.session).where(inside, ConclusionAssignment.state != State.CANCELLED)
    along = joinedload(ConclusionAssignment.session), joinedload(ConclusionAssignment.question).joinedload(Question.feedback)
    petitions: dict[int | None, ConclusionAssignment] = {}
    for row in db.session.scalars(given.options(*along)):
        if row.is_detail:
            petitions[row.question_id] = row
        else:
            _promise(found[row.session.unit_id], done=row.state in public.KEPT, late=row.is_late(today))
    return petitions


def _promise(row: Year, *, done: bool, late: bool) -> None:
    row.promised += 1
    row.kept += done
    row.late += late
