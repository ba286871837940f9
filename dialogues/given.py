"""Lists of what conclusions gave out: to the units of a person, and what is due or late."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select, true
from sqlalchemy.orm import joinedload

from app.assignments.rules import OPEN, State
from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Unit
from dialogues.models import ConclusionAssignment, Petition, Session
from dialogues.rules import OUT

VIEWS = ("open", "late", "offered", "done")
PAGE = 50
SOON_DAYS = 3


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


def offered_count(reach: Reach) -> int:
    """Return how many wait for a unit of *reach* to take them."""
    wanted: Any = select(func.count(ConclusionAssignment.id)).where(ConclusionAssignment.state == State.OFFERED)
    return db.session.scalar(_of(reach, wanted)) or 0


def of_published(limit: int) -> list[ConclusionAssignment]:
    """Return up to *limit* of what the published conclusions gave out: what is late or due first, then what was done."""
    query = select(ConclusionAssignment).join(Session, Session.id == ConclusionAssignment.session_id)
    query = query.where(Session.status.in_(sorted(OUT)), ConclusionAssignment.state != State.CANCELLED)
    query = query.options(joinedload(ConclusionAssignment.unit), joinedload(ConclusionAssignment.session))
    urgent_first = (ConclusionAssignment.state.in_(sorted(OPEN)).desc(), ConclusionAssignment.due_sort, ConclusionAssignment.id)
    return list(db.session.scalars(query.order_by(*urgent_first).limit(limit)))


def open_until(last: dt.date) -> list[ConclusionAssignment]:
    """Return everything open whose day is *last* or before it."""
    query = select(ConclusionAssignment).where(ConclusionAssignment.state.in_(sorted(OPEN)), ConclusionAssignment.due_on <= last)
    return list(db.session.scalars(query.order_by(ConclusionAssignment.id)))
