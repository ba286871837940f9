"""A session is made, from a line of the plan or because something came up, and its facts are set: when, where, who chairs, who helps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy.exc import IntegrityError

from app import settings
from app.access import require
from app.accounts.models import User
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from app.units.models import Unit, UnitKind
from dialogues import queries, rules
from dialogues.models import Attendance, Chair, Hall, PlanLine, Registration, Session, SessionStaff, Speaker
from dialogues.operations import checklist, editing, registering, reports, telling
from dialogues.operations.editing import to_prepare
from dialogues.rules import PaperFormat, PlanState, StaffDuty, Status, Trigger

#: Who was told of a session is told when one of these changes; another day is a postponement.
TOLD_ANEW = frozenset({"ends_at", "online_link"})
TRIES = 5  # at a code that somebody else takes at the same moment


class TriggerMissing(Exception):
    """No plan names the session and nobody says who asked for it."""


class PlanNotApproved(Exception):
    """The line belongs to a plan that is a draft, or was replaced."""


class LineTaken(Exception):
    """A session was made of that line already."""


class EndsBeforeItBegins(Exception):
    """The end is not after the beginning."""


class TopicAnnounced(Exception):
    """People asked about the topic that they were told: put off, the session keeps it until it is announced anew."""


class DayAnnounced(Exception):
    """People were told the day and the hour: another day is a postponement."""


class InUse(Exception):
    """The hall is not empty: somebody registered for it, or spoke in it."""


class StaffTwice(Exception):
    """That person has that duty already."""


@dataclass(frozen=True, kw_only=True)
class SessionFacts:
    """What is typed about a session."""

    topic: str
    audience: str = ""
    field_id: int | None = None
    place_id: int | None = None
    form: str = rules.Form.IN_PERSON
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    capacity: int | None = None
    online_link: str = ""
    questions_until: dt.datetime | None = None
    house_rules: str = ""


def create_of_line(line: PlanLine, facts: SessionFacts, *, actor: User, now: dt.datetime) -> Session:
    """Make the session that *line* of an approved plan names.

    :raise NotAllowed: :raise PlanNotApproved: :raise LineTaken: :raise EndsBeforeItBegins:
    """
    lock(line.plan)
    if line.plan.state != PlanState.APPROVED:
        raise PlanNotApproved
    earlier = queries.session_of_line(line)
    if earlier is not None and earlier.status != Status.CANCELLED:
        raise LineTaken
    return _create(line.plan.unit, facts, line=line, trigger=None, note="", actor=actor, now=now)


def create_ad_hoc(unit: Unit, facts: SessionFacts, *, trigger: Trigger | None, note: str, actor: User, now: dt.datetime) -> Session:
    """Make a session that no plan names; *note* says who asked for it.

    :raise NotAllowed: :raise TriggerMissing: :raise EndsBeforeItBegins:
    """
    if trigger is None or not note.strip():
        raise TriggerMissing
    return _create(unit, facts, line=None, trigger=trigger, note=note, actor=actor, now=now)


def _create(
    unit: Unit, facts: SessionFacts, *, line: PlanLine | None, trigger: Trigger | None, note: str, actor: User, now: dt.datetime
) -> Session:
    require(rules.may_prepare(actor.reach, rules.Standing(unit.path, (), unit.place_id)))
    _check(facts)
    session = Session(
        unit=unit,
        plan_line=line,
        trigger=trigger,
        trigger_note=note,
        paper_format=PaperFormat.PARTY if unit.kind == UnitKind.PARTY else PaperFormat.STATE,
        created_by_id=actor.id,
        created_at=now,
        **vars(facts),
    )
    _store_with_code(session, local_date(now).year)
    line_id = line.id if line is not None else None
    record(actor, "session.created", session, at=now, unit_id=unit.id, plan_line_id=line_id, trigger=trigger)
    checklist.remake(session)
    reports.remake_promises(session)
    return session


def _store_with_code(session: Session, year: int) -> None:
    """Give *session* the next code of the year, BN-DT-26-004, however many want it at the same moment."""
    start = f"{settings.get('code_prefix') or 'VN'}-DT-{year % 100:02}-"
    for attempt in range(1, TRIES + 1):
        session.code = f"{start}{queries.last_number(start) + 1:03}"
        try:
            with db.session.begin_nested():
                db.session.add(session)
        except IntegrityError:
            if attempt == TRIES:
                raise
        else:
            return


def _check(facts: SessionFacts) -> None:
    if facts.ends_at is not None and (facts.starts_at is None or facts.ends_at <= facts.starts_at):
        raise EndsBeforeItBegins


def fingerprint(session: Session) -> str:
    """Return what tells one state of the facts of *session* from another, to the form that changes them."""
    return editing.fingerprint([getattr(session, each.name) for each in fields(SessionFacts)])


def change(session: Session, facts: SessionFacts, *, seen: str | None = None, actor: User, now: dt.datetime) -> None:
    """Set the facts of *session*; the checklist and the report on earlier promises follow the day, those who wait get new seats.

    *seen* is the fingerprint of those that the writer had before them.
    :raise NotAllowed: :raise Begun: :raise DayAnnounced: :raise TopicAnnounced: :raise EndsBeforeItBegins: :raise ChangedMeanwhile:
    """
    to_prepare(session, actor)
    editing.require_seen(seen, fingerprint(session), editing.fingerprint([getattr(facts, each.name) for each in fields(facts)]))
    _check(facts)
    told = session.status in {Status.ANNOUNCED, Status.READY}
    if told and (facts.starts_at, facts.form) != (session.starts_at, session.form):
        raise DayAnnounced
    if session.announced_at is not None and not told and facts.topic != session.topic:
        raise TopicAnnounced
    changed = [name for name, value in vars(facts).items() if getattr(session, name) != value]
    for name in changed:
        setattr(session, name, getattr(facts, name))
    if "capacity" in changed:
        registering.move_up(session, actor=actor, now=now)
    if changed:
        checklist.remake(session)
        reports.remake_promises(session)
        record(actor, "session.changed", session, at=now, changed=changed)
    if TOLD_ANEW & set(changed):
        telling.changed(session, now=now)


def add_chair(session: Session, chair: Chair, *, actor: User, now: dt.datetime) -> None:
    """Let another body chair *session*, or organise it along. :raise NotAllowed: :raise Begun:"""
    to_prepare(session, actor)
    chair.position = max((each.position for each in session.chairs), default=0) + 1
    session.chairs.append(chair)
    record(actor, "session.changed", session, at=now, changed=["chairs"])


def change_chair(session: Session, chair: Chair, *, actor: User, now: dt.datetime, **words: Any) -> None:
    """Correct what is written of a body that chairs, or of who speaks for it. :raise NotAllowed: :raise Begun:"""
    to_prepare(session, actor)
    for name, word in words.items():
        setattr(chair, name, word)
    record(actor, "session.changed", session, at=now, changed=["chairs"])


def remove_chair(session: Session, chair: Chair, *, actor: User, now: dt.datetime) -> None:
    """Take a body off. :raise NotAllowed: :raise Begun:"""
    to_prepare(session, actor)
    session.chairs.remove(chair)
    record(actor, "session.changed", session, at=now, changed=["chairs"])


def add_staff(session: Session, user: User, duty: StaffDuty, *, actor: User, now: dt.datetime) -> None:
    """Give somebody a duty. :raise NotAllowed: :raise Begun: :raise StaffTwice:"""
    to_prepare(session, actor)
    if any((each.user_id, each.duty) == (user.id, duty) for each in session.staff):
        raise StaffTwice
    session.staff.append(SessionStaff(user=user, duty=duty))
    record(actor, "session.changed", session, at=now, changed=["staff"])


def remove_staff(session: Session, staff: SessionStaff, *, actor: User, now: dt.datetime) -> None:
    """Take a duty away. :raise NotAllowed: :raise Begun:"""
    to_prepare(session, actor)
    session.staff.remove(staff)
    record(actor, "session.changed", session, at=now, changed=["staff"])


def add_hall(session: Session, hall: Hall, *, actor: User, now: dt.datetime) -> None:
    """Add a hall: the first is the main one, the others are satellite halls (điểm cầu). :raise NotAllowed: :raise Begun:"""
    to_prepare(session, actor)
    hall.position = max((each.position for each in session.halls), default=0) + 1
    session.halls.append(hall)
    record(actor, "session.changed", session, at=now, changed=["halls"])
    telling.changed(session, now=now)


def change_hall(session: Session, hall: Hall, *, name: str, address: str, seats: int | None, actor: User, now: dt.datetime) -> None:
    """Correct what is written of a hall, also while people sit in it. :raise NotAllowed: :raise Begun:"""
    to_prepare(session, actor, during=rules.NOT_OVER)
    moved = (hall.name, hall.address) != (name, address)
    if not moved and hall.seats == seats:
        return
    hall.name, hall.address, hall.seats = name, address, seats
    record(actor, "session.changed", session, at=now, changed=["halls"])
    if moved:
        telling.changed(session, now=now)


def change_link(session: Session, link: str, *, actor: User, now: dt.datetime) -> None:
    """Set the address by which people take part from elsewhere, also while they do. :raise NotAllowed: :raise Begun:"""
    to_prepare(session, actor, during=rules.NOT_OVER)
    if session.online_link == link:
        return
    session.online_link = link
    record(actor, "session.changed", session, at=now, changed=["online_link"])
    telling.changed(session, now=now)


def remove_hall(session: Session, hall: Hall, *, actor: User, now: dt.datetime) -> None:
    """Take a hall off. :raise NotAllowed: :raise Begun: :raise InUse:"""
    to_prepare(session, actor)
    for people in (Registration, Attendance, Speaker):
        if db.session.scalar(db.select(people.id).where(people.hall_id == hall.id).limit(1)) is not None:
            raise InUse
    for question in session.questions:
        if question.hall is hall:  # asked from there, and asked all the same
            question.hall = None
    session.halls.remove(hall)
    record(actor, "session.changed", session, at=now, changed=["halls"])
    telling.changed(session, now=now)


def mark_present(session: Session, who: Chair | SessionStaff, *, present: bool, actor: User, now: dt.datetime) -> None:
    """Write down that a chair or a helper has come, or has not. :raise NotAllowed: :raise Begun:"""
    to_prepare(session, actor)
    who.present = present
    record(actor, "session.changed", session, at=now, changed=["present"])
