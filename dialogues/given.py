"""Lists of what conclusions gave out: to the units of a person, and what is due or late."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from app.assignments.published import Change
from app.assignments.rules import OPEN, State
from app.clock import local_date
from app.counting import up_to_most
from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Unit
from dialogues import public
from dialogues.models import ConclusionAssignment, Petition, Question, Session
from dialogues.rules import OUT, RAISED, AnswerKind
from feedback import rules as feedback_rules
from feedback.models import Feedback

VIEWS = ("open", "late", "offered", "done")
PAGE = 50


def _of(reach: Reach, wanted: Select[Any]) -> Select[Any]:
    scopes = reach.scopes(Permission.FEEDBACK_HANDLE)
    within: list[ColumnElement[bool]] = [true()] if any(scope.everywhere for scope in scopes) else []
    within += [Unit.path.startswith(scope.unit_path, autoescape=True) for scope in scopes if scope.unit_path]
    within += [ConclusionAssignment.place_id == scope.place_id for scope in scopes if scope.place_id]
    return wanted.join(Unit, Unit.id == ConclusionAssignment.unit_id).where(or_(*within))


def _in(view: str, today: dt.date) -> Any:
    open_ = ConclusionAssignment.state.in_(sorted(OPEN))
    return {
        "open": open_,
        "late": open_ & (ConclusionAssignment.due_on < today),
        "offered": ConclusionAssignment.state == State.OFFERED,
        "done": ConclusionAssignment.state.in_([State.DONE, State.VERIFIED]),
    }[view]


def page(view: str, reach: Reach, today: dt.date, *, after: tuple[dt.date, int] | None, limit: int = PAGE) -> list[ConclusionAssignment]:
    """Return up to *limit* of what the units of *reach* were given, the earliest day first, behind the keyset (due_sort, id)."""
    wanted = _of(reach, select(ConclusionAssignment)).where(_in(view, today))
    if after is not None:
        day, id_ = after
        later = ConclusionAssignment.due_sort > day
        wanted = wanted.where(or_(later, (ConclusionAssignment.due_sort == day) & (ConclusionAssignment.id > id_)))
    wanted = wanted.options(
        joinedload(ConclusionAssignment.unit), joinedload(ConclusionAssignment.officer), joinedload(ConclusionAssignment.session)
    )
    return list(db.session.scalars(wanted.order_by(ConclusionAssignment.due_sort, ConclusionAssignment.id).limit(limit)))


def petitions(reach: Reach) -> list[Petition]:
    """Return the petitions that wait for the answer of a body that *reach* leads."""
    scopes = reach.scopes(Permission.FEEDBACK_LEAD)
    within: list[ColumnElement[bool]] = [true()] if any(scope.everywhere for scope in scopes) else []
    within += [Unit.path.startswith(scope.unit_path, autoescape=True) for scope in scopes if scope.unit_path]
    waiting = select(Petition).join(Petition.unit).join(Petition.promise).where(Petition.accepted.is_(None), or_(false(), *within))
    waiting = waiting.where(ConclusionAssignment.state.in_(sorted(OPEN))).options(
        joinedload(Petition.promise).joinedload(ConclusionAssignment.session).joinedload(Session.unit)
    )
    return list(db.session.scalars(waiting.order_by(Petition.sent_on, Petition.id)))


def counts(reach: Reach, today: dt.date) -> dict[str, int]:
    """Return how many each view holds, in one statement."""
    columns = [func.coalesce(func.sum(case((_in(view, today), 1), else_=0)), 0).label(view) for view in VIEWS]
    wanted: Any = select(*columns).select_from(ConclusionAssignment)
    row = db.session.execute(_of(reach, wanted)).mappings().one()
    return {view: row[view] for view in VIEWS}


def offered_count(reach: Reach) -> ScalarSelect[int] | None:
    """Return the question how many wait for a unit of *reach* to take them, for the menu."""
    if not reach.may_anywhere(Permission.FEEDBACK_HANDLE):
        return None
    return up_to_most(_of(reach, select(ConclusionAssignment.id).where(ConclusionAssignment.state == State.OFFERED)))


def of_published() -> ColumnElement[bool]:
    """Return the condition of what published conclusions gave out to be done; not the petition that goes with an answer."""
    out = exists().where(Session.id == _DUTY.session_id, Session.status.in_(sorted(OUT)))
    answered = exists().where(Question.id == _DUTY.question_id, Question.answer_kind == AnswerKind.FORWARDED, *LEFT)
    return out & ~(_DUTY.beyond.is_not(None) & answered)


_DUTY, _WITHDRAWN = ConclusionAssignment.__table__.c, feedback_rules.Status.WITHDRAWN.value
#: What of_published() depends on.
CHANGES = (
    Change("dialogue_session", ("status",), "OLD.status <> NEW.status", lambda session_id: _DUTY.session_id == session_id),
    Change(
        "question", ("answer_kind", "state", "promised_on", "feedback_id"), "true", lambda question_id: _DUTY.question_id == question_id
    ),
    Change(
        "feedback",
        ("status",),
        f"(OLD.status = '{_WITHDRAWN}') <> (NEW.status = '{_WITHDRAWN}')",
        lambda item_id: _DUTY.question_id.in_(select(Question.id).where(Question.feedback_id == item_id)),
    ),
)
#: A question that was left open, and for whose answer the chair named a day.
LEFT = (
    Question.state.in_(sorted(RAISED)),
    Question.promised_on.is_not(None),
    Question.feedback.has(Feedback.status != feedback_rules.Status.WITHDRAWN),
)


def answers_of_published(today: dt.date) -> tuple[dict[str, int], list[int]]:
    """Return how the answers stand that published conclusions promised, and the ids of the questions still owed one, the earliest first."""
    asked, item = aliased(Feedback), aliased(Feedback)
    petition = (ConclusionAssignment.question_id == Question.id) & ConclusionAssignment.beyond.is_not(None)
    query = (
        select(Question.id, Question.answer_kind, Question.promised_on, item.status, item.answered_at)
        .add_columns(ConclusionAssignment.state, ConclusionAssignment.due_on, ConclusionAssignment.closed_at)
        .join(Question.session)
        .join(asked, asked.id == Question.feedback_id)
        .join(item, item.id == func.coalesce(asked.merged_into_id, asked.id))
        .outerjoin(ConclusionAssignment, petition & (ConclusionAssignment.state != State.CANCELLED))
        .where(Session.status.in_(sorted(OUT)), *LEFT)
        .order_by(Question.promised_on, Question.id, ConclusionAssignment.id)
    )
    rows = {row.id: row for row in db.session.execute(query)}  # of two petitions the later counts
    sums, owed = {"in_time": 0, "late_done": 0, "open": 0, "overdue": 0}, []
    for id_, row in rows.items():
        answered_on = local_date(row.answered_at) if row.answered_at and row.status not in feedback_rules.OPEN else None
        above = public.Above.of(row.due_on, row.state, row.closed_at) if row.state and row.answer_kind == AnswerKind.FORWARDED else None
        done_on, late = public.settled(row.promised_on, answered_on, above, today)
        if done_on is None:
            owed.append(id_)
        sums[("late_done" if late else "in_time") if done_on else ("overdue" if late else "open")] += 1
    return sums, owed


def late(today: dt.date) -> list[ConclusionAssignment]:
    """Return everything open whose day has passed."""
    query = select(ConclusionAssignment).where(ConclusionAssignment.state.in_(sorted(OPEN)), ConclusionAssignment.due_on < today)
    return list(db.session.scalars(query.order_by(ConclusionAssignment.id)))
