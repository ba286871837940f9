"""Lists of reception days: those that staff keep, and those that anybody may book for."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import joinedload, selectinload

from app.database import db
from app.permissions import Reach
from app.units.models import Unit
from app.units.queries import by_level_and_name
from dialogues import board
from dialogues.models import ReceptionDay, ReceptionVisit
from dialogues.rules import ReceptionState, VisitState

PAGE = 100
#: So far ahead anybody sees the days, and so many of them at once.
AHEAD = dt.timedelta(days=62)
PUBLIC_PAGE = 60


@dataclass(frozen=True)
class Listed:
    """A day and how many come to it."""

    day: ReceptionDay
    visits: int


def by_uid(uid: uuid.UUID) -> ReceptionDay | None:
    """Return the day with that uid."""
    return db.session.scalar(db.select(ReceptionDay).where(ReceptionDay.uid == uid))


def of_reach(reach: Reach, *, today: dt.date, past: bool, unit_id: int | None = None) -> list[Listed]:
    """Return the days of the units that *reach* may read: the next ones, the nearest first, or with *past* the last ones."""
    when = ReceptionDay.day < today if past else ReceptionDay.day >= today
    query = db.select(ReceptionDay).join(ReceptionDay.unit).where(board.within(reach), when).options(joinedload(ReceptionDay.unit))
    if unit_id is not None:
        query = query.where(ReceptionDay.unit_id == unit_id)
    order = (ReceptionDay.day.desc(), ReceptionDay.id.desc()) if past else (ReceptionDay.day, ReceptionDay.begins, ReceptionDay.id)
    days = list(db.session.scalars(query.order_by(*order).limit(PAGE)))
    number = _visits([day.id for day in days])
    return [Listed(day, number.get(day.id, 0)) for day in days]


def _visits(ids: Iterable[int]) -> dict[int, int]:
    query = db.select(ReceptionVisit.day_id, func.count()).where(
        ReceptionVisit.day_id.in_(list(ids)), ReceptionVisit.state != VisitState.CANCELLED
    )
    return dict(db.session.execute(query.group_by(ReceptionVisit.day_id)).all())


def public(*, today: dt.date, unit_id: int | None = None) -> list[ReceptionDay]:
    """Return the days that anybody may read of: those to come, and what became of those that were moved or cancelled."""
    query = db.select(ReceptionDay).where(_public(today)).options(joinedload(ReceptionDay.unit), selectinload(ReceptionDay.visits))
    if unit_id is not None:
        query = query.where(ReceptionDay.unit_id == unit_id)
    return list(db.session.scalars(query.order_by(ReceptionDay.day, ReceptionDay.begins, ReceptionDay.id).limit(PUBLIC_PAGE)))


def public_units(*, today: dt.date) -> list[Unit]:
    """Return the units that have such days, the province's first."""
    units = db.session.scalars(db.select(Unit).where(Unit.id.in_(db.select(ReceptionDay.unit_id).where(_public(today)))))
    return by_level_and_name(units)


def _public(today: dt.date) -> ColumnElement[bool]:
    return ReceptionDay.day.between(today, today + AHEAD) & (ReceptionDay.state != ReceptionState.HELD)
