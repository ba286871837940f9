"""The lists staff work from: what a person's units must answer or do, what waits at their desk.

Who may see what is said here in SQL as feedback.rules says it of one item; each list costs the same number of statements
however long it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.accounts.models import Grant, User
from app.assignments.models import NO_DATE
from app.assignments.rules import OPEN, Duty, State
from app.calendar.days import CalendarNotLoaded, WorkCalendar
from app.calendar.rules import Stage
from app.database import db
from app.permissions import GRANTS, Permission, Reach
from app.units.models import Unit
from app.units.rules import path_ids
from feedback.models import Feedback, FeedbackAssignment, FeedbackClock, Message
from feedback.rules import Channel, Kind, Status

PAGE = 25
SOON_DAYS = 3  # working days

#: How urgent: the views of a list of duties, in the order they are shown.
URGENCIES = ("late", "today", "soon", "offered", "asking", "all")
#: Where reception looks: what waits to be given away, and what else is its business.
DESK_VIEWS = ("waiting", "returned", "danger", "under_way", "to_publish")

Cursor = tuple[dt.date, int]


@dataclass(frozen=True)
class Cut:
    """What part of a list of duties is wanted."""

    duty: Duty = Duty.ANSWER
    urgency: str = "all"
    holder: str = ""  # "": everyone, "me", "nobody", or an officer's id
    kind: str = ""
    source: str = ""  # "": all; "floor": dialogue sessions; "voters": kiến nghị cử tri
    unit_id: int | None = None  # of one unit only


def not_concerning(paths: Iterable[str]) -> ColumnElement[bool]:
    """Say in SQL what Standing.concerns says of one item: nobody of the accused unit, or of one below it, sees it."""
    lines = [path_ids(path) for path in paths]
    desk, accused = Feedback.desk_unit_id, Feedback.accused_unit_id
    others = [or_(accused.not_in(ids), and_(desk == ids[-1], accused != ids[-1])) for ids in lines]
    return or_(accused.is_(None), and_(true(), *others), _settling())


@cache  # the same words each time, and every page of the staff asks several times
def _settling() -> ColumnElement[bool]:
    given, settler, accused = aliased(FeedbackAssignment), aliased(Unit), aliased(Unit)
    settles = exists().where(
        given.feedback_id == Feedback.id,
        settler.id == given.unit_id,
        accused.id == Feedback.accused_unit_id,
        settler.path.startswith(accused.path),
    )
    return and_(Feedback.kind == Kind.COMPLAINT, settles)


def within(unit: Any, reach: Reach, permission: Permission) -> ColumnElement[bool]:
    """Say in SQL that *unit* lies where *permission* holds."""
    scopes = reach.scopes(permission)
    if any(scope.everywhere for scope in scopes):
        return true()
    conditions = [unit.path.startswith(scope.unit_path, autoescape=True) for scope in scopes if scope.unit_path]
    return or_(false(), *conditions)


# --- duties: to answer, to do what was promised ------------------------------------------------------------------------


def soon_until(today: dt.date, calendar: WorkCalendar) -> dt.date:
    """Return the last day that is at most SOON_DAYS working days away."""
    day, left = today, SOON_DAYS
    while left:
        day += dt.timedelta(days=1)
        try:
            left -= calendar.is_working(day)
        except CalendarNotLoaded:
            return today + dt.timedelta(days=SOON_DAYS)
    return day


def _urgent(urgency: str, today: dt.date, soon: dt.date) -> ColumnElement[bool]:
    due_on = FeedbackAssignment.due_on
    return {
        "late": due_on < today,
        "today": due_on == today,
        "soon": and_(due_on > today, due_on <= soon),
        "offered": FeedbackAssignment.state == State.OFFERED,
        "asking": FeedbackAssignment.asking.is_(true()),
        "all": true(),
    }[urgency]


def _duties(statement: Any, cut: Cut, reach: Reach) -> Any:
    statement = (
        statement.join(Feedback, Feedback.id == FeedbackAssignment.feedback_id)
        .join(Unit, Unit.id == FeedbackAssignment.unit_id)
        .where(FeedbackAssignment.state.in_(sorted(OPEN)), FeedbackAssignment.duty == cut.duty, not_concerning(reach.paths))
        .where(
            or_(
                FeedbackAssignment.officer_id == reach.user_id,
                within(Unit, reach, Permission.FEEDBACK_HANDLE),
            )
        )
    )
    if cut.holder == "me":
        statement = statement.where(FeedbackAssignment.officer_id == reach.user_id)
    elif cut.holder == "nobody":
        statement = statement.where(FeedbackAssignment.officer_id.is_(None))
    elif cut.holder:
        statement = statement.where(FeedbackAssignment.officer_id == int(cut.holder))
    if cut.unit_id is not None:
        statement = statement.where(FeedbackAssignment.unit_id == cut.unit_id)
    if cut.kind:
        statement = statement.where(Feedback.kind == cut.kind)
    if cut.source:
        statement = statement.where(Feedback.channel == {"floor": Channel.FLOOR, "voters": Channel.VOTER_MEETING}[cut.source])
    return statement


def duty_counts(cut: Cut, reach: Reach, *, today: dt.date, soon: dt.date) -> dict[str, int]:
    """Return how many duties each urgency of this cut holds, exactly, for a letter; a page counts by feedback.duties."""
    columns = [func.coalesce(func.sum(case((_urgent(each, today, soon), 1), else_=0)), 0).label(each) for each in URGENCIES]
    row = db.session.execute(_duties(select(*columns).select_from(FeedbackAssignment), cut, reach)).one()
    return {each: row._mapping[each] for each in URGENCIES}  # noqa: SLF001  SQLAlchemy's public name for it


def officers(unit_paths: Sequence[str], on: dt.date) -> list[tuple[User, int]]:
    """Return who handles items in those units and below, by given name, each with how many open duties they have."""
    handling = [role for role, permissions in GRANTS.items() if Permission.FEEDBACK_HANDLE in permissions]
    open_ = (
        select(func.count())
        .where(FeedbackAssignment.officer_id == User.id, FeedbackAssignment.state.in_(sorted(OPEN)))
        .correlate(User)
        .scalar_subquery()
    )
    holds = exists().where(
        Grant.user_id == User.id, Grant.role.in_(handling), Grant.starts_on <= on, or_(Grant.ends_on.is_(None), Grant.ends_on >= on)
    )
    below = [Unit.path.startswith(path, autoescape=True) for path in unit_paths]
    rows = db.session.execute(
        select(User, open_)
        .join(Unit, Unit.id == User.unit_id)
        .where(User.active, or_(false(), *below), holds)
        .order_by(User.name_sort, User.id)
    )
    return [(user, number) for user, number in rows]


# --- the reception desk ------------------------------------------------------------------------------------------------


def _desk_due() -> Any:
    """Return the day by which the desk must have passed an item on."""
    return (
        select(func.min(FeedbackClock.due_on))
        .where(
            FeedbackClock.feedback_id == Feedback.id,
            FeedbackClock.stage.in_([Stage.TRIAGE, Stage.REROUTE]),
            FeedbackClock.stopped_at.is_(None),
            FeedbackClock.cancelled_at.is_(None),
        )
        .correlate(Feedback)
        .scalar_subquery()
    )


def _in_desk_view(view: str) -> ColumnElement[bool]:
    waiting = Feedback.status == Status.RECEIVED
    return {
        "waiting": waiting,
        "returned": and_(waiting, exists().where(FeedbackAssignment.feedback_id == Feedback.id)),
        "danger": and_(waiting, Feedback.danger),
        "under_way": Feedback.status == Status.IN_HAND,
        "to_publish": and_(
            Feedback.status.in_([Status.ANSWERED, Status.CLOSED]), Feedback.publish_consent, Feedback.published_at.is_(None)
        ),
    }[view]


def _at_desk(statement: Any, reach: Reach, kind: str) -> Any:
    statement = statement.join(Unit, Unit.id == Feedback.desk_unit_id).where(
        within(Unit, reach, Permission.FEEDBACK_TRIAGE), not_concerning(reach.paths)
    )
    return statement.where(Feedback.kind == kind) if kind else statement


@dataclass(frozen=True)
class DeskRow:
    """An item at a desk, with the day by which it must be passed on."""

    item: Feedback
    due_on: dt.date | None
    sort: tuple[int, dt.date, int]


def desk(view: str, kind: str, reach: Reach, *, after: tuple[int, dt.date, int] | None, limit: int = PAGE) -> list[DeskRow]:
    """Return up to *limit* items of the person's desks: what sounds dangerous first, then by the desk's own short clock."""
    due_on = _desk_due()
    calm = case((Feedback.danger, 0), else_=1)
    day = func.coalesce(due_on, NO_DATE)
    statement = _at_desk(select(Feedback, due_on, calm), reach, kind).where(_in_desk_view(view))
    if after is not None:
        was_calm, was_day, was_id = after
        statement = statement.where(
            or_(
                calm > was_calm,
                and_(calm == was_calm, day > was_day),
                and_(calm == was_calm, day == was_day, Feedback.id > was_id),
            )
        )
    rows = db.session.execute(
        statement.options(
            joinedload(Feedback.place),
            joinedload(Feedback.field),
            joinedload(Feedback.accused_unit),
            selectinload(Feedback.assignments).joinedload(FeedbackAssignment.unit),
            selectinload(Feedback.messages).load_only(Message.feedback_id, Message.kind, Message.answered_at),
        )
        .order_by(calm, day, Feedback.id)
        .limit(limit)
    )
    return [DeskRow(item, due, (order, due or NO_DATE, item.id)) for item, due, order in rows]


def desk_counts(kind: str, reach: Reach) -> dict[str, int]:
    """Return how many items each view of the desk holds, in one statement."""
    columns = [func.coalesce(func.sum(case((_in_desk_view(each), 1), else_=0)), 0).label(each) for each in DESK_VIEWS]
    row = db.session.execute(_at_desk(select(*columns).select_from(Feedback), reach, kind)).one()
    return {each: row._mapping[each] for each in DESK_VIEWS}  # noqa: SLF001
