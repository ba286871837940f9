"""The door: who came, each once, whatever device or lost network says it again."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from app.access import require
from app.accounts.models import User
from app.audit import record
from app.database import db, lock
from dialogues import queries, rules
from dialogues.models import Attendance, Hall, Invitation, Registration, Session
from dialogues.rules import GuestKind, RegistrationState
from feedback import codes

#: A device that was without network says when somebody came; what it says of another day is a wrong clock.
OLDEST = dt.timedelta(hours=24)


class DoorClosed(Exception):
    """Nobody is let in yet, or the attendance stands already."""


class CodeUnknown(Exception):
    """Nobody of this session has that code."""


class CodeOfGroup(Exception):
    """The invitation is of a whole group: each of them is written down by name."""


class SeatWaiting(Exception):
    """The code is of somebody who waits for a seat."""


class SeatGivenBack(Exception):
    """The code is of a registration that was cancelled."""


@dataclass(frozen=True)
class Arrival:
    """Somebody came: now, or *again* with a code that was used before."""

    attendance: Attendance
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Scan:
    """One thing the door says; *uid* is made where it was said, so that it is kept once however often it is sent."""

    uid: uuid.UUID
    at: dt.datetime
    hall: Hall | None = None


def check_in(session: Session, scan: Scan, code: str, *, actor: User, now: dt.datetime) -> Arrival:
    """Mark that who has *code* came, with everybody they registered.

    :raise NotAllowed: :raise DoorClosed: :raise CodeUnknown: :raise CodeOfGroup: :raise SeatWaiting: :raise SeatGivenBack:
    """
    before = _before(session, scan, actor)
    if before is not None:
        return before
    read = codes.read_key(code)
    for person in (_owner(Registration, session, read), _owner(Invitation, session, read)):
        if person is None:
            continue
        came = db.session.scalar(db.select(Attendance).where(_is_of(person)))
        if came is not None:
            return Arrival(came, again=True)
        if isinstance(person, Registration):
            _check_seat(person)
            return _let_in(session, scan, Attendance(registration=person, people=person.people), actor=actor, now=now)
        if person.kind == GuestKind.GROUP:
            raise CodeOfGroup
        return _let_in(session, scan, Attendance(invitation=person, people=person.seats), actor=actor, now=now)
    raise CodeUnknown


def walk_in(session: Session, scan: Scan, *, name: str, comes_from: str, people: int, actor: User, now: dt.datetime) -> Arrival:
    """Mark that somebody came who is on no list. :raise NotAllowed: :raise DoorClosed: :raise CodeUnknown: the uid is of elsewhere."""
    before = _before(session, scan, actor)
    if before is not None:
        return before
    attendance = Attendance(uid=scan.uid, comes_from=comes_from, people=people)
    attendance.name = name
    return _let_in(session, scan, attendance, actor=actor, now=now)


def take_back(attendance: Attendance, *, actor: User, now: dt.datetime) -> None:
    """Take an arrival off that was marked by mistake. :raise NotAllowed: :raise DoorClosed:"""
    session = attendance.session
    _open(session, actor)
    record(actor, "session.arrival_withdrawn", session, at=now, attendance_id=attendance.id)
    session.attendances.remove(attendance)
    db.session.delete(attendance)


def keeps_door(session: Session, user: User) -> bool:
    """Say whether *user* may mark who came to *session*."""
    assigned = any(each.user_id == user.id for each in session.staff)
    return rules.may_keep_door(user.reach, queries.standing_of(session), assigned=assigned)


def _open(session: Session, actor: User) -> None:
    lock(session)
    require(keeps_door(session, actor))
    if session.status not in rules.DOOR_OPEN:
        raise DoorClosed


def _before(session: Session, scan: Scan, actor: User) -> Arrival | None:
    """Return what the same scan did when it came first."""
    _open(session, actor)
    came = db.session.scalar(db.select(Attendance).where(Attendance.uid == scan.uid))
    if came is not None and came.session_id != session.id:
        raise CodeUnknown
    return None if came is None else Arrival(came)


def _owner(model: type[Registration | Invitation], session: Session, code: str) -> Registration | Invitation | None:
    return db.session.scalar(db.select(model).where(model.session_id == session.id, model.check_in_code == code))


def _is_of(person: Registration | Invitation) -> Any:
    return (Attendance.registration_id if isinstance(person, Registration) else Attendance.invitation_id) == person.id


def _check_seat(registration: Registration) -> None:
    if registration.state == RegistrationState.WAITING:
        raise SeatWaiting
    if registration.state == RegistrationState.CANCELLED:
        raise SeatGivenBack


def _let_in(session: Session, scan: Scan, attendance: Attendance, *, actor: User, now: dt.datetime) -> Arrival:
    attendance.uid, attendance.hall = scan.uid, scan.hall
    attendance.at = scan.at if now - OLDEST <= scan.at <= now else now
    session.attendances.append(attendance)
    db.session.flush()
    record(actor, "session.came", session, at=now, attendance_id=attendance.id, people=attendance.people)
    return Arrival(attendance)
