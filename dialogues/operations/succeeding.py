"""What becomes of a conclusion's promises when a unit ends, or when the person who has them leaves: a promise never ends with either."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, func, select

from app import clock as time
from app.access import Actor, require
from app.accounts.models import User
from app.assignments import operations as assignments
from app.assignments.rules import OPEN
from app.calendar.queries import work_calendar
from app.calendar.rules import Facts
from app.database import db, lock
from app.permissions import Permission
from app.units.models import UnitSuccession
from app.units.queries import answering_unit
from dialogues import queries
from dialogues.models import ConclusionAssignment
from dialogues.operations import following


def succeed(row: UnitSuccession, *, actor: Actor, now: dt.datetime) -> int:
    """Offer what is open to the heir that *row* names; return how many moved. :raise NotAllowed: before its day."""
    today = time.local_date(now)
    require(row.effective_on <= today)
    to = answering_unit(row.to, place_id=row.place_id, field_id=row.field_id, on=today)
    if to is None:
        return 0
    wanted = [ConclusionAssignment.unit_id == row.from_id, ConclusionAssignment.state.in_(sorted(OPEN))]
    if row.place_id is not None:
        wanted.append(ConclusionAssignment.place_id == row.place_id)
    if row.field_id is not None:
        wanted.append(ConclusionAssignment.field_id == row.field_id)
    moved = db.session.scalars(select(ConclusionAssignment).where(*wanted).order_by(ConclusionAssignment.id)).all()
    facts, calendar = Facts(kind=queries.KIND), work_calendar()
    for promise in moved:
        assignments.transfer(promise, to, reason="succession", rule_facts=facts, calendar=calendar, actor=actor, now=now)
        following.offered(promise, now=now)
    return len(moved)


def _held_by(user: User) -> list[ColumnElement[bool]]:
    return [ConclusionAssignment.officer_id == user.id, ConclusionAssignment.state.in_(sorted(OPEN))]


def open_duties(user: User) -> int:
    """Return how many open promises of conclusions *user* has."""
    return db.session.scalar(select(func.count()).where(*_held_by(user))) or 0


def reassign_all(leaver: User, to: User, *, actor: User, now: dt.datetime) -> int:
    """Give what *leaver* has to *to* where *to* works in that unit; the rest is the unit's to give away. Return how many moved.

    :raise NotAllowed:
    """
    require(actor.reach.may(Permission.ACCOUNT_MANAGE, unit_path=leaver.unit.path))
    moved = 0
    for promise in db.session.scalars(select(ConclusionAssignment).where(*_held_by(leaver)).order_by(ConclusionAssignment.id)).all():
        lock(promise)
        if to.unit.path.startswith(promise.unit.path):
            assignments.hand_to(promise, to, actor=actor, now=now)
            moved += 1
        else:
            assignments.free(promise, actor=actor, now=now)
    return moved
