"""The minutes: a first version from what was recorded, then versions, signatures of chair and secretary, corrections by those present."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Select, or_
from sqlalchemy.orm import selectinload

from app import crypto
from app.access import NotAllowed, require
from app.accounts.models import User
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.database import db, lock
from dialogues import queries, rules
from dialogues.models import Attendance, Invitation, MinutesCorrection, MinutesSignature, MinutesVersion, Registration, Session
from dialogues.operations import papers, telling
from dialogues.rules import CorrectionState, Signer, Status
from feedback import codes

DIGITS = 4  # of the telephone that somebody gave
MOST_CORRECTIONS = 5  # of one person: each decided before the next counts


class VersionMoved(Exception):
    """Somebody wrote another version meanwhile: both are shown."""


class NothingChanged(Exception):
    """A version that says what the one before it says is none."""


class SignedAlready(Exception):
    """That part is signed."""


class OnePersonTwice(Exception):
    """Chair and secretary are two people."""


class CorrectionsClosed(Exception):
    """Nobody may propose corrections now: not opened, or the time is over."""


class NotPresent(Exception):
    """Nobody who was there says it."""


class EnoughSaid(Exception):
    """That person had their say as often as anybody may."""


def _require_writing(session: Session, actor: User) -> None:
    lock(session)
    require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    if session.status not in rules.MINUTES_IN:
        raise IllegalTransition(Status(session.status), Status.HELD)


def write(session: Session, text: str, *, why: str, seen: int, actor: User, now: dt.datetime) -> MinutesVersion:
    """Add a version to the minutes; *seen* is the number of the newest the writer had before them (0: none).

    A new version has no signatures. :raise VersionMoved: :raise NothingChanged: :raise NotAllowed: :raise IllegalTransition:
    """
    _require_writing(session, actor)
    newest = session.minutes[-1] if session.minutes else None
    number = newest.number if newest else 0
    if number != seen:
        raise VersionMoved
    if newest is not None and newest.text == text:
        raise NothingChanged
    version = MinutesVersion(number=number + 1, text=text, why=why, written_by=actor, at=now)
    session.minutes.append(version)
    db.session.flush()
    record(actor, "session.minutes_written", session, at=now, number=version.number)
    return version


def build(session: Session, text: str, *, actor: User, now: dt.datetime) -> MinutesVersion:
    """Keep *text*, made of what was recorded, as the first version: nobody wrote it. :raise VersionMoved: there is one."""
    version = write(session, text, why="", seen=0, actor=actor, now=now)
    version.written_by = None
    return version


def parts_of(session: Session, actor: User) -> list[Signer]:
    """Return as what *actor* may sign: as who chairs (or leads the unit), as the secretary; nobody as both."""
    chairs = any(chair.user_id == actor.id for chair in session.chairing)
    may = {
        Signer.CHAIR: chairs or rules.may_lead(actor.reach, queries.standing_of(session)),
        Signer.SECRETARY: any(each.user_id == actor.id and each.duty == rules.StaffDuty.SECRETARY for each in session.staff),
    }
    return [part for part, allowed in may.items() if allowed]


def sign(session: Session, part: Signer, *, seen: int, actor: User, now: dt.datetime) -> None:
    """Agree with the newest version as *part*. The secretary's hand tells the chair; both make it a paper that waits for its number.

    :raise VersionMoved: it is another than the one *seen*. :raise SignedAlready: :raise OnePersonTwice: :raise NotAllowed:
    """
    lock(session)
    if part not in parts_of(session, actor):
        raise NotAllowed
    if session.status not in rules.MINUTES_IN:
        raise IllegalTransition(Status(session.status), Status.HELD)
    newest = session.minutes[-1] if session.minutes else None
    if newest is None or newest.number != seen:
        raise VersionMoved
    if any(each.part == part for each in newest.signatures):
        raise SignedAlready
    if any(each.user_id == actor.id for each in newest.signatures):
        raise OnePersonTwice
    newest.signatures.append(MinutesSignature(part=part, user=actor, at=now))
    record(actor, "session.minutes_signed", session, at=now, number=newest.number, part=part)
    if {each.part for each in newest.signatures} == set(Signer):
        papers.minutes_signed(session, actor=actor, now=now)
    elif part == Signer.SECRETARY:
        telling.minutes_to_sign(session, newest.number, actor, now=now)


# --- those who were there ------------------------------------------------------------------------------------------------


def open_corrections(session: Session, until: dt.datetime, *, actor: User, now: dt.datetime) -> None:
    """Let those present propose corrections until that moment. :raise NotAllowed: :raise IllegalTransition:"""
    _require_writing(session, actor)
    session.corrections_until = until
    record(actor, "session.changed", session, at=now, changed=["corrections_until"])


def takes_corrections(session: Session, now: dt.datetime) -> bool:
    """Say whether those present may read the minutes and propose corrections now."""
    open_ = session.corrections_until is not None and now < session.corrections_until
    return open_ and bool(session.minutes) and session.status in rules.MINUTES_IN


def present_with(session: Session, code: str, phone: str) -> Attendance | None:
    """Return who was there with that check-in code and a telephone with these last digits: the code alone can be guessed."""
    wanted, digits = codes.read_key(code), _last_digits(phone)
    query = _came().where(
        Attendance.session_id == session.id, or_(Registration.check_in_code == wanted, Invitation.check_in_code == wanted)
    )
    there = db.session.scalar(query.limit(1))
    row = (there.registration or there.invitation) if there is not None else None
    return there if row is not None and len(digits) == DIGITS and _last_digits(row.phone or "") == digits else None


def _last_digits(phone: str) -> str:
    return "".join(each for each in phone if each.isdecimal())[-DIGITS:]


def present_as(row: Registration | Invitation) -> Attendance | None:
    """Return the presence of whom *row* gave a seat or invited; None where they did not come."""
    of = Attendance.registration_id if isinstance(row, Registration) else Attendance.invitation_id
    return db.session.scalar(_came().where(of == row.id).limit(1))


def _came() -> Select[Attendance]:
    query = db.select(Attendance).outerjoin(Attendance.registration).outerjoin(Attendance.invitation)
    return query.options(selectinload(Attendance.registration), selectinload(Attendance.invitation))


def propose_correction(session: Session, there: Attendance | None, text: str, *, now: dt.datetime) -> MinutesCorrection:
    """Somebody who was there says what the minutes have wrong; until it is decided, what they say next takes its place.

    :raise CorrectionsClosed: :raise NotPresent: :raise EnoughSaid:
    """
    if not takes_corrections(session, now):
        raise CorrectionsClosed
    if there is None:
        raise NotPresent
    lock(session)
    before = corrections_by(session, there)
    if (same := next((each for each in before if each.text == text), None)) is not None:
        return same
    decided = {each.token_digest for each in before if each.state != CorrectionState.OPEN}
    free = [place for place in _places(session, there) if place not in decided]
    if not free:
        raise EnoughSaid
    waiting = [each for each in before if each.state == CorrectionState.OPEN]
    for each in waiting:
        each.token_digest = None
    db.session.flush()
    correction = MinutesCorrection(session=session, text=text, at=now, state=CorrectionState.OPEN, token_digest=free[0])
    correction.sender = _name_of(there)
    db.session.add(correction)
    db.session.flush()
    for each in waiting:  # another row, not other words in this one: somebody may be about to decide what they read
        db.session.delete(each)
    db.session.flush()
    return correction


def _name_of(there: Attendance) -> str | None:
    return there.registration.name if there.registration else there.invitation.name if there.invitation else None


def _places(session: Session, there: Attendance) -> list[str]:
    """Return by what the corrections of one person are found: neither of two who share a name reads what the other wrote."""
    return [crypto.blind_index(f"correction:{session.id}:{there.id}:{place}") for place in range(MOST_CORRECTIONS)]


def corrections_by(session: Session, there: Attendance) -> list[MinutesCorrection]:
    """Return what somebody who was there proposed: they read what became of it, also when the time is over."""
    places = _places(session, there)
    return [each for each in corrections_of(session) if each.token_digest in places]


def corrections_of(session: Session) -> list[MinutesCorrection]:
    """Return what those present proposed, what is not decided first."""
    rows = db.session.scalars(db.select(MinutesCorrection).where(MinutesCorrection.session_id == session.id).order_by(MinutesCorrection.id))
    return sorted(rows, key=lambda each: each.state != CorrectionState.OPEN)


def decide_correction(correction: MinutesCorrection, *, accepted: bool, why: str, actor: User, now: dt.datetime) -> None:
    """Accept or decline a correction, once, with a reason; accepted, its words go into a new version by hand.

    :raise NotAllowed: :raise IllegalTransition:
    """
    _require_writing(correction.session, actor)
    lock(correction)
    state = CorrectionState.ACCEPTED if accepted else CorrectionState.DECLINED
    if correction.state != CorrectionState.OPEN:
        raise IllegalTransition(CorrectionState(correction.state), state)
    correction.state, correction.decided_why, correction.decided_by = state, why, actor
    record(actor, "session.correction_decided", correction.session, at=now, correction_id=correction.id, accepted=accepted)
