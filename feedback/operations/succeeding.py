"""What becomes of open items when a unit ends, or when the person who has them leaves."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, func, select

from app import clock as time
from app import settings
from app.access import Actor, require
from app.accounts.models import User
from app.assignments import operations as promises
from app.assignments.rules import OPEN, Duty
from app.audit import record
from app.calendar.queries import work_calendar
from app.database import db, lock
from app.permissions import Permission
from app.units.models import Unit, UnitSuccession
from app.units.queries import answering_unit
from feedback import queries, steps
from feedback.models import Feedback, FeedbackAssignment, RoutingRule
from feedback.operations import clocks, desk, telling
from feedback.operations.unit import NotInUnit
from feedback.rules import Status

#: An item that can still come back to its desk.
ALIVE = (Status.RECEIVED, Status.IN_HAND, Status.ANSWERED, Status.CLOSED, Status.MERGED)


def succeed(row: UnitSuccession, *, actor: Actor, now: dt.datetime) -> int:
    """Move what is open to the heir that *row* names, desks and rules included; return how many duties moved.

    An heir that an item complains of does not get it: its desk finds another way. Where the heir itself has ended, its own
    heir is next. What allows it is the succession, which whoever may decide on units decided; :raise NotAllowed: before its day.
    """
    require(row.effective_on <= time.local_date(now))
    to = answering_unit(row.to, place_id=row.place_id, field_id=row.field_id, on=time.local_date(now))
    if to is None:
        return 0
    moved = 0
    for duty in db.session.scalars(select(FeedbackAssignment).where(*_open_duties(row)).order_by(FeedbackAssignment.feedback_id)).all():
        if duty.duty == Duty.ANSWER and desk.is_barred(duty.feedback, to):
            _back_to_desk(duty, actor=actor, now=now)
        else:
            _move(duty, to, actor=actor, now=now)
            moved += 1
    _move_desk(row, to, now=now)
    if row.place_id is None and row.field_id is None:
        _move_rules(row.origin, to, actor=actor, now=now)
    return moved


def _move(duty: FeedbackAssignment, to: Unit, *, actor: Actor, now: dt.datetime) -> None:
    feedback = duty.feedback
    lock(feedback)
    facts, calendar = clocks.facts_of(feedback), work_calendar()
    promises.transfer(duty, to, reason="succession", rule_facts=facts, calendar=calendar, actor=actor, now=now)
    if duty.duty == Duty.ANSWER:  # what the old unit was writing would bear its name
        desk.discard_papers(feedback, actor=actor, now=now)
    telling.offered(duty, now=now)


def _open_duties(row: UnitSuccession) -> list[ColumnElement[bool]]:
    wanted = [FeedbackAssignment.unit_id == row.from_id, FeedbackAssignment.state.in_(sorted(OPEN))]
    if row.place_id is not None:
        wanted.append(FeedbackAssignment.place_id == row.place_id)
    if row.field_id is not None:
        wanted.append(FeedbackAssignment.field_id == row.field_id)
    return wanted


def _back_to_desk(duty: FeedbackAssignment, *, actor: Actor, now: dt.datetime) -> None:
    feedback = duty.feedback
    lock(feedback)
    promises.cancel(duty, why="accused", actor=actor, now=now)
    desk.return_to_desk(feedback, actor=actor, now=now)
    telling.at_desk(feedback, now=now)


def _move_desk(row: UnitSuccession, to: Unit, *, now: dt.datetime) -> None:
    wanted = select(Feedback).where(Feedback.desk_unit_id == row.from_id, Feedback.status.in_(ALIVE))
    if row.place_id is not None:
        wanted = wanted.where(Feedback.place_id == row.place_id)
    if row.field_id is not None:
        wanted = wanted.where(Feedback.field_id == row.field_id)
    for feedback in db.session.scalars(wanted.order_by(Feedback.id)).all():
        lock(feedback)
        new = to if to.is_reception and not desk.is_accused(feedback, to) else None
        new = new or queries.desk_for(to, settings.get("desk_unit_id"), feedback.accused_unit)
        feedback.desk_unit, feedback.desk_unit_id = new, new.id
        if feedback.status == Status.RECEIVED:
            desk.end_desk_holding(feedback, now=now)
            desk.begin_desk_holding(feedback, now=now)
            telling.at_desk(feedback, now=now)


def _move_rules(origin: Unit, to: Unit, *, actor: Actor, now: dt.datetime) -> None:
    for rule in db.session.scalars(select(RoutingRule).where(RoutingRule.unit_id == origin.id)).all():
        rule.unit_id = to.id
        record(actor, "routing.changed", rule, at=now, changed=["unit_id"])
    db.session.flush()


# --- people ---------------------------------------------------------------------------------------------------------


def open_duties(user: User) -> int:
    """Return how many open duties *user* has."""
    return db.session.scalar(select(func.count()).where(*_held_by(user))) or 0


def _held_by(user: User) -> list[ColumnElement[bool]]:
    return [FeedbackAssignment.officer_id == user.id, FeedbackAssignment.state.in_(sorted(OPEN))]


def hand_over(leaver: User, to: User, *, actor: User, now: dt.datetime) -> int:
    """Give everything open of *leaver* in the units that *actor* leads to *to*, who works there; return how many duties moved.

    What *to* may not have stays where it is. :raise NotAllowed: to somebody outside the units that *actor* leads.
    :raise NotInUnit: to somebody not in service, or to oneself.
    """
    require(actor.reach.may(Permission.FEEDBACK_LEAD, unit_path=to.unit.path))
    if not to.active or to.id == leaver.id:
        raise NotInUnit
    return sum(
        _give(duty, leaver, to, actor=actor, now=now)
        for duty in _duties_of(leaver)
        if actor.reach.may(Permission.FEEDBACK_LEAD, unit_path=duty.unit.path)
    )


def reassign_all(leaver: User, to: User, *, actor: User, now: dt.datetime) -> int:
    """Give everything open of somebody who leaves the service to *to*; return how many duties moved.

    What *to* may not have is nobody's from now on, for the unit to give away. :raise NotAllowed:
    """
    require(actor.reach.may(Permission.ACCOUNT_MANAGE, unit_path=leaver.unit.path))
    moved = 0
    for duty in _duties_of(leaver):
        if _give(duty, leaver, to, actor=actor, now=now):
            moved += 1
        elif duty.officer_id == leaver.id and duty.is_open:
            promises.free(duty, actor=actor, now=now)
    return moved


def _duties_of(leaver: User) -> list[FeedbackAssignment]:
    return list(db.session.scalars(select(FeedbackAssignment).where(*_held_by(leaver)).order_by(FeedbackAssignment.feedback_id)))


def _give(duty: FeedbackAssignment, leaver: User, to: User, *, actor: User, now: dt.datetime) -> bool:
    """Give *duty* to *to* if it is still the leaver's, *to* works in its unit, and gave no answer that was opened again."""
    lock(duty.feedback)
    if duty.officer_id != leaver.id or not duty.is_open or not to.unit.path.startswith(duty.unit.path):
        return False
    if duty.duty == Duty.ANSWER and to.id in steps.looked_before(duty.feedback):
        return False
    promises.hand_to(duty, to, actor=actor, now=now)
    telling.handed(duty, to, now=now)
    return True
