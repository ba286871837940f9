"""How much each unit and each officer has on hand, how late, and what came of the last weeks. Duties to answer and to act are never mixed.

Four statements, however many units and items.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, case, func, or_, select

from app.accounts.models import User
from app.assignments.rules import OPEN, Duty, State, is_late
from app.clock import local_date
from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Unit
from app.units.queries import by_level_and_name
from feedback.lists import not_concerning, within
from feedback.models import Feedback, FeedbackAssignment

DONE_DAYS = 30  # how far back what is done is counted


@dataclass(frozen=True)
class Load:
    """What one unit, or one officer of a unit, has on hand and did."""

    open: int = 0
    late: int = 0
    today: int = 0
    soon: int = 0
    offered: int = 0
    undated: int = 0
    done: int = 0
    done_late: int = 0


NOTHING = Load()


@dataclass(frozen=True)
class Loads:
    """The load of every unit in reach, and of every officer there; None is what nobody has."""

    units: dict[int, Load]
    officers: dict[tuple[int, int | None], Load]


def of(duty: Duty, reach: Reach, *, today: dt.date, soon: dt.date, since: dt.datetime) -> Loads:
    """Return the loads where *reach* may read them; what was done counts from *since* on."""
    officers = _open(duty, reach, today, soon)
    units: dict[int, Counter[str]] = {}
    for row in _done(duty, reach, since):
        late = is_late(row.due_on, local_date(row.closed_at), today)
        officers.setdefault((row.unit_id, row.officer_id), Counter()).update(done=1, done_late=late)
    for (unit_id, _officer_id), counts in officers.items():
        units.setdefault(unit_id, Counter()).update(counts)
    return Loads({key: Load(**counts) for key, counts in units.items()}, {key: Load(**counts) for key, counts in officers.items()})


def _open(duty: Duty, reach: Reach, today: dt.date, soon: dt.date) -> dict[tuple[int, int | None], Counter[str]]:
    due_on = FeedbackAssignment.due_on
    wanted = {
        "late": due_on < today,
        "today": due_on == today,
        "soon": and_(due_on > today, due_on <= soon),
        "offered": FeedbackAssignment.state == State.OFFERED,
        "undated": due_on.is_(None),
    }
    columns = [func.sum(case((condition, 1), else_=0)).label(name) for name, condition in wanted.items()]
    key = (FeedbackAssignment.unit_id, FeedbackAssignment.officer_id)
    rows = db.session.execute(
        _mine(select(*key, func.count().label("open"), *columns), duty, reach)
        .where(FeedbackAssignment.state.in_(sorted(OPEN)))
        .group_by(*key)
    )
    return {(row.unit_id, row.officer_id): Counter({name: getattr(row, name) for name in ("open", *wanted)}) for row in rows}


def _done(duty: Duty, reach: Reach, since: dt.datetime) -> Iterable[Row[Any]]:
    key = (FeedbackAssignment.unit_id, FeedbackAssignment.officer_id, FeedbackAssignment.due_on, FeedbackAssignment.closed_at)
    return db.session.execute(
        _mine(select(*key), duty, reach).where(
            FeedbackAssignment.state.in_([State.DONE, State.VERIFIED]), FeedbackAssignment.closed_at >= since
        )
    )


def _mine(statement: Any, duty: Duty, reach: Reach) -> Any:
    return (
        statement.select_from(FeedbackAssignment)
        .join(Feedback, Feedback.id == FeedbackAssignment.feedback_id)
        .join(Unit, Unit.id == FeedbackAssignment.unit_id)
        .where(FeedbackAssignment.duty == duty, within(Unit, reach, Permission.UNIT_READ_LOAD), not_concerning(reach.paths))
    )


def units(reach: Reach, *, today: dt.date, also: Iterable[int]) -> list[Unit]:
    """Return the units in reach that answer feedback today, and those of *also*, by level and name."""
    there = and_(Unit.handles_feedback, Unit.valid_from <= today, or_(Unit.valid_to.is_(None), Unit.valid_to >= today))
    rows = db.session.scalars(select(Unit).where(within(Unit, reach, Permission.UNIT_READ_LOAD), or_(there, Unit.id.in_(list(also)))))
    return by_level_and_name(rows)


def people(ids: Iterable[int]) -> dict[int, User]:
    """Return the users of *ids*."""
    return {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(list(ids))))}


def holders_in(reach: Reach) -> list[tuple[User, int]]:
    """Return who has open duties in the units that *reach* leads, in service or not, each with how many, by given name."""
    rows = db.session.execute(
        select(User, func.count())
        .join(FeedbackAssignment, FeedbackAssignment.officer_id == User.id)
        .join(Unit, Unit.id == FeedbackAssignment.unit_id)
        .where(FeedbackAssignment.state.in_(sorted(OPEN)), within(Unit, reach, Permission.FEEDBACK_LEAD))
        .group_by(User.id)
        .order_by(User.name_sort, User.id)
    )
    return [(user, number) for user, number in rows]
