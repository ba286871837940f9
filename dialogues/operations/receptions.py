"""Tiếp công dân định kỳ: the days on which the head of a unit receives citizens, who comes, and what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from app.access import require
from app.accounts.models import Grant, User
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from app.permissions import Role
from app.units.models import Unit
from dialogues import books, duties, rules
from dialogues.models import ReceptionDay, ReceptionVisit
from dialogues.operations import booking
from dialogues.operations.booking import Booking
from dialogues.operations.planning import standing_of
from dialogues.rules import SERIES, PaperType, ReceptionState, VisitState
from feedback.models import Feedback


class DayTaken(Exception):
    """The unit receives on that day already."""


class DayPast(Exception):
    """A day to come was asked for."""


class ReasonMissing(Exception):
    """Those who booked are told why."""


class TooFewSlots(Exception):
    """The new hours are too short for those who booked."""


class NotTheHead(Exception):
    """Who received is not the head of that unit on that day by a role of their own."""


class TooEarly(Exception):
    """The day has not come."""


class VisitsUnmarked(Exception):
    """Of somebody who booked nobody wrote whether they came."""


class ConclusionMissing(Exception):
    """There is nothing to number."""


class NumberTaken(Exception):
    """The unit gave that number to another notice of the year."""


class NumberedWrongDay(Exception):
    """A notice is signed on the day of the reception or later, and not in days to come."""


class NoSuchItem(Exception):
    """No feedback item has that code."""


@dataclass(frozen=True, kw_only=True)
class Hours:
    """When and where, and how long each visitor has."""

    begins: dt.time
    ends: dt.time
    venue: str
    slot_minutes: int


# --- the calendar -------------------------------------------------------------------------------------------------------


def add_days(unit: Unit, days: Iterable[dt.date], hours: Hours, *, actor: User, now: dt.datetime) -> list[ReceptionDay]:
    """Plan reception days and return those that are new; on a day when the unit receives already there is none to add.

    :raise NotAllowed: :raise DayTaken: when none of them is new.
    """
    require(rules.may_prepare(actor.reach, standing_of(unit)))
    lock(unit)
    wanted = sorted(set(days))
    there = _taken(unit, wanted)
    added = [_add(unit, day, hours, actor, now) for day in wanted if day not in there]
    if not added:
        raise DayTaken
    return added


def _taken(unit: Unit, days: list[dt.date]) -> set[dt.date]:
    query = db.select(ReceptionDay.day).where(
        ReceptionDay.unit_id == unit.id,
        ReceptionDay.day.in_(days),
        ReceptionDay.state.in_((ReceptionState.PLANNED, ReceptionState.HELD)),
    )
    return set(db.session.scalars(query))


def _add(unit: Unit, day: dt.date, hours: Hours, actor: User, now: dt.datetime) -> ReceptionDay:
    row = ReceptionDay(
        unit=unit,
        day=day,
        begins=hours.begins,
        ends=hours.ends,
        venue=hours.venue,
        slot_minutes=hours.slot_minutes,
        state=ReceptionState.PLANNED,
    )
    db.session.add(row)
    db.session.flush()
    record(actor, "reception.planned", row, at=now)
    return row


def move(day: ReceptionDay, to: dt.date, hours: Hours, *, why: str, actor: User, now: dt.datetime) -> ReceptionDay:
    """Receive on another day, which is returned: those who booked keep their codes and their turns, and are told why.

    :raise NotAllowed: :raise IllegalTransition: :raise ReasonMissing: :raise DayPast: :raise DayTaken: :raise TooFewSlots:
    """
    _to_change(day, ReceptionState.MOVED, actor, why)
    if to < local_date(now):
        raise DayPast
    if _taken(day.unit, [to]):
        raise DayTaken
    booked = [visit for visit in day.visits if visit.state == VisitState.BOOKED]
    if max((visit.position for visit in booked), default=0) > len(duties.slots(hours.begins, hours.ends, hours.slot_minutes)):
        raise TooFewSlots
    new = _add(day.unit, to, hours, actor, now)
    day.state, day.why_not, day.moved_to_id = ReceptionState.MOVED, why, new.id
    for visit in booked:
        visit.day = new
    record(actor, "reception.moved", day, at=now, to_id=new.id)
    for visit in booked:
        booking.tell(
            visit,
            "reception_moved",
            f"moved:{new.id}",
            now=now,
            was_on=day.day,
            day_id=day.id,
            begins_at=booking.turn(visit),
            venue=new.venue,
        )
    return new


def cancel(day: ReceptionDay, *, why: str, actor: User, now: dt.datetime) -> None:
    """Receive nobody on that day; those who booked are told why. :raise NotAllowed: :raise IllegalTransition: :raise ReasonMissing:"""
    _to_change(day, ReceptionState.CANCELLED, actor, why)
    day.state, day.why_not = ReceptionState.CANCELLED, why
    record(actor, "reception.cancelled", day, at=now)
    for visit in day.visits:
        if visit.state == VisitState.BOOKED:
            visit.state = VisitState.CANCELLED
            booking.tell(visit, "reception_cancelled", "cancelled", now=now, was_on=day.day, day_id=day.id)


def _to_change(day: ReceptionDay, to: ReceptionState, actor: User, why: str) -> None:
    require(rules.may_prepare(actor.reach, standing_of(day.unit)))
    lock(day.unit)
    lock(day)
    if day.state != ReceptionState.PLANNED:
        raise IllegalTransition(ReceptionState(day.state), to)
    if not why.strip():
        raise ReasonMissing


# --- the day itself -----------------------------------------------------------------------------------------------------


def heads_of(unit: Unit, *, on: dt.date) -> list[User]:
    """Return who heads *unit* itself on that day by a role of their own: neither a deputy by delegation nor the head of a unit above."""
    held = db.select(Grant.user_id).where(
        Grant.role == Role.HEAD, Grant.unit_id == unit.id, Grant.starts_on <= on, Grant.ends_on.is_(None) | (Grant.ends_on >= on)
    )
    return list(db.session.scalars(db.select(User).where(User.id.in_(held)).order_by(User.name_sort, User.id)))


def walk_in(day: ReceptionDay, who: Booking, *, actor: User, now: dt.datetime) -> ReceptionVisit:
    """Write down somebody who came without a booking: after all others. :raise NotAllowed: :raise TooEarly: :raise IllegalTransition:"""
    _register(day, actor, now)
    slots = len(booking.slots_of(day))
    visit = booking.write(day, who, now, position=max((slots, *(each.position for each in day.visits))) + 1)
    visit.state = VisitState.CAME
    record(actor, "reception.visit_written", day, at=now, visit_id=visit.id, state=visit.state)
    return visit


def write_visit(visit: ReceptionVisit, state: VisitState, *, said: str, result: str, code: str, actor: User, now: dt.datetime) -> None:
    """Write into the register whether a visitor came, what they said, what the head said, and which item (by its *code*) it is about.

    :raise NotAllowed: :raise TooEarly: :raise IllegalTransition: it is numbered. :raise NoSuchItem:
    """
    _register(visit.day, actor, now)
    item = db.session.scalar(db.select(Feedback).where(Feedback.code == code)) if code else None
    if code and item is None:
        raise NoSuchItem
    visit.state, visit.said, visit.result, visit.feedback_id = state, said, result, item.id if item else None
    record(actor, "reception.visit_written", visit.day, at=now, visit_id=visit.id, state=str(state))


def write_up(day: ReceptionDay, *, received_by: User, minutes: str, conclusion: str, actor: User, now: dt.datetime) -> None:
    """Keep who received, the minutes and the conclusion; may be written again until the notice of conclusion has its number.

    :raise NotAllowed: :raise TooEarly: :raise IllegalTransition: :raise NotTheHead: :raise VisitsUnmarked:
    """
    _register(day, actor, now)
    # Luật 136/2025/QH15, từ 1/7/2026: Chủ tịch UBND cấp xã tiếp công dân ít nhất 02 ngày/tháng, không ủy quyền cho cấp phó.
    if received_by not in heads_of(day.unit, on=day.day):
        raise NotTheHead
    if any(visit.state == VisitState.BOOKED for visit in day.visits):
        raise VisitsUnmarked
    day.state, day.received_by, day.minutes, day.conclusion = ReceptionState.HELD, received_by, minutes, conclusion
    record(actor, "reception.written_up", day, at=now, received_by_id=received_by.id)


def number(day: ReceptionDay, number: str, numbered_on: dt.date, *, actor: User, now: dt.datetime) -> None:
    """Give the notice of conclusion the number and date under which văn thư (or the head) issued it.

    :raise NotAllowed: :raise IllegalTransition: :raise ConclusionMissing: :raise NumberedWrongDay: :raise NumberTaken:
    """
    standing = standing_of(day.unit)
    require(rules.may_number(actor.reach, standing) or rules.may_lead(actor.reach, standing))
    lock(day.unit)
    lock(day)
    if day.state != ReceptionState.HELD or day.number is not None:
        raise IllegalTransition(ReceptionState(day.state), ReceptionState.HELD)
    if not day.conclusion:
        raise ConclusionMissing
    if not day.day <= numbered_on <= local_date(now):
        raise NumberedWrongDay
    series, value = books.read(number, SERIES[PaperType.CONCLUSION]) or ("", 0)
    if value in books.used(day.unit, series or "", numbered_on.year):
        raise NumberTaken
    day.number, day.numbered_on = number, numbered_on
    record(actor, "reception.numbered", day, at=now, number=number)


def _register(day: ReceptionDay, actor: User, now: dt.datetime) -> None:
    """Check that the register of *day* can be written in: from the day on, until its notice has a number."""
    require(rules.may_prepare(actor.reach, standing_of(day.unit)))
    lock(day)
    if day.state not in {ReceptionState.PLANNED, ReceptionState.HELD} or day.number is not None:
        raise IllegalTransition(ReceptionState(day.state), ReceptionState.HELD)
    if local_date(now) < day.day:
        raise TooEarly
