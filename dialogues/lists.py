"""Lists of sessions, each of what a person may read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, false, or_, select, true
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from app.counting import up_to_most
from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Place, Unit
from dialogues.models import PlanLine, Session, SessionPaper, YearPlan
from dialogues.rules import CLOSED, NOT_OVER, OUT, PaperState, PlanState, Status

PAGE = 100


#: Looked at by themselves: what is still to be held, what was held and waits for its result, what is over.
VIEWS: dict[str, frozenset[Status]] = {
    "sap-toi": NOT_OVER,
    "cho-ket-qua": frozenset({Status.HELD, Status.CONCLUDED}),
    "da-xong": OUT | {Status.CANCELLED},
}


def sessions(reach: Reach, view: str = "") -> list[Session]:
    """Return :data:`PAGE` sessions that *reach* may read, of one of :data:`VIEWS` or all: what is still to be held, the nearest
    first and what has no day behind; then the others, the newest first.
    """
    scopes = reach.scopes(Permission.DIALOGUE_READ)
    within: list[ColumnElement[bool]] = [true()] if any(scope.everywhere for scope in scopes) else []
    within += [Unit.path.startswith(scope.unit_path) for scope in scopes if scope.unit_path]
    within += [Session.place_id == scope.place_id for scope in scopes if scope.place_id]
    query = db.select(Session).join(Session.unit).where(or_(*within)).options(joinedload(Session.unit), joinedload(Session.place))
    if view in VIEWS:
        query = query.where(Session.status.in_(VIEWS[view]))
    ahead = Session.status.in_(NOT_OVER)
    # PostgreSQL and SQLite put what is empty at opposite ends: nothing empty is compared.
    dayless = case((ahead & Session.starts_at.is_(None), 2), (Session.status == Status.POSTPONED, 1), else_=0)
    query = query.order_by(ahead.desc(), dayless, case((ahead, Session.starts_at)), Session.starts_at.desc(), Session.id.desc())
    return list(db.session.scalars(query.limit(PAGE)))


def announced(*, unit: Unit | None, place: Place | None) -> list[Session]:
    """Return the newest :data:`PAGE` sessions whose day everyone was told, of *unit* and those below it and of *place*.

    What was put off or called off since is among them, so that who follows them hears of it.
    """
    told = Session.announced_at.is_not(None), Session.starts_at.is_not(None), Session.status.not_in([Status.DRAFT, Status.PLANNED])
    query = db.select(Session).join(Session.unit).where(*told).options(joinedload(Session.unit), selectinload(Session.halls))
    if unit is not None:
        query = query.where(Unit.path.startswith(unit.path))
    if place is not None:
        query = query.where(Session.place_id == place.id)
    return list(db.session.scalars(query.order_by(Session.starts_at.desc(), Session.id.desc()).limit(PAGE)))


def lines_without_session(unit_ids: list[int]) -> list[PlanLine]:
    """Return the lines of the approved plans of those units of which no session was made, or only cancelled ones, the earliest first."""
    made = db.select(Session.plan_line_id).where(Session.plan_line_id.is_not(None), Session.status != Status.CANCELLED)
    query = db.select(PlanLine).join(PlanLine.plan).where(YearPlan.state == PlanState.APPROVED, YearPlan.unit_id.in_(unit_ids))
    query = query.where(PlanLine.id.not_in(made)).options(contains_eager(PlanLine.plan).joinedload(YearPlan.unit))
    return list(db.session.scalars(query.order_by(YearPlan.year, PlanLine.quarter, PlanLine.id).limit(PAGE)))


def papers_waiting(reach: Reach) -> list[SessionPaper]:
    """Return the papers that wait for a number which *reach* may give, the longest first."""
    return list(db.session.scalars(_waiting(reach, select(SessionPaper)).order_by(SessionPaper.sent_at, SessionPaper.id).limit(PAGE)))


def papers_waiting_count(reach: Reach) -> int:
    """Return how many papers wait for a number which *reach* may give."""
    question = papers_to_number(reach)
    return 0 if question is None else db.session.scalar(select(question)) or 0


def papers_to_number(reach: Reach) -> ScalarSelect[int] | None:
    """Return the question how many papers wait for a number which *reach* may give, for the menu."""
    return up_to_most(_waiting(reach, select(SessionPaper.id))) if reach.may_anywhere(Permission.FEEDBACK_NUMBER) else None


def _waiting(reach: Reach, wanted: Select[Any]) -> Select[Any]:
    issuer, scopes = aliased(Unit), reach.scopes(Permission.FEEDBACK_NUMBER)
    within: list[ColumnElement[bool]] = [true()] if any(scope.everywhere for scope in scopes) else []
    within += [or_(issuer.path.startswith(scope.unit_path), Unit.path.startswith(scope.unit_path)) for scope in scopes if scope.unit_path]
    within += [Session.place_id == scope.place_id for scope in scopes if scope.place_id]
    return (
        wanted.join(issuer, SessionPaper.unit)
        .outerjoin(SessionPaper.session)
        .outerjoin(Unit, Session.unit_id == Unit.id)
        .where(SessionPaper.state == PaperState.SENT, or_(Session.id.is_(None), Session.status.not_in(CLOSED)), or_(false(), *within))
    )


def archived(unit_id: int, year: int) -> list[Session]:
    """Return the sessions of a unit that were held in *year* and whose dossier is archived, the first of the year first."""
    query = db.select(Session).where(Session.unit_id == unit_id, Session.archive_id.is_not(None)).order_by(Session.starts_at, Session.id)
    return [session for session in db.session.scalars(query) if session.day is not None and session.day.year == year]
