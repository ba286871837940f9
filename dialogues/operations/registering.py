"""Citizens take a seat: while there is room at once, then in the order in which they came. The session's row is locked meanwhile."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass

from app import crypto
from app.access import SENDER, SYSTEM, Actor, require
from app.accounts.models import User
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from app.outbox import Channel, notify
from dialogues import links, queries, rules
from dialogues.models import Hall, Registration, Session
from dialogues.operations import agreeing
from dialogues.rules import MOST_PEOPLE, RegistrationState, Status


class RegisteringOver(Exception):
    """The session is not announced, has begun or was put off: no seat is taken or changed."""


class RegisteredBefore(Exception):
    """That telephone (or e-mail, where there is none) has a seat: it stays as it is. Whose it is heard so again; the edge commits that."""


class NoRoom(Exception):
    """There are not so many seats left; what was registered before stays."""


class Cancelled(Exception):
    """The registration was cancelled: a new one is made."""


@dataclass(frozen=True, kw_only=True)
class SeatData:
    """What may be changed later."""

    people: int = 1
    hall: Hall | None = None
    needs: str = ""


@dataclass(frozen=True, kw_only=True)
class RegistrationData(SeatData):
    """A registration as typed; *token* is of the form: the same one with the same words is the same registration."""

    name: str
    phone: str = ""
    email: str = ""
    comes_from: str = ""
    locale: str = "vi"
    form: str = "web"
    token: str


def is_open(session: Session, now: dt.datetime) -> bool:
    """Say whether seats are taken now."""
    return session.status in rules.REGISTERING and not _begun(session, now)


def _begun(session: Session, now: dt.datetime) -> bool:
    return session.starts_at is not None and now >= session.starts_at


def taken(session: Session, hall: Hall | None = None) -> int:
    """Return how many people are seated, in the whole session or in *hall*."""
    seated = (each for each in session.registrations if each.state == RegistrationState.SEATED)
    return sum(each.people for each in seated if hall is None or each.hall_id == hall.id)


def waiting(session: Session) -> list[Registration]:
    """Return who waits for a seat, the first first."""
    return [each for each in session.registrations if each.state == RegistrationState.WAITING]


def register(session: Session, data: RegistrationData, *, actor: User | None, now: dt.datetime) -> Registration:
    """Take a seat, or a place on the waiting list; *actor* is the clerk who writes it down, None the citizen.

    :raise NotAllowed: :raise RegisteringOver: :raise RegisteredBefore:
    """
    lock(session)
    if actor is not None:
        require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    # The same form, or the same key of a program, with anything else typed is somebody else: nobody is shown the seat of another.
    typed = [data.token, data.name, data.phone, data.email, data.comes_from, data.people, str(data.hall and data.hall.uid), data.needs]
    digest = crypto.blind_index(f"registration:{session.id}:{json.dumps(typed)}")
    before = db.session.scalar(db.select(Registration).where(Registration.token_digest == digest))
    if before is not None:
        return before
    if not is_open(session, now):
        raise RegisteringOver
    if (known := _known(session, data)) is not None:
        # Once a day, however often somebody tries numbers.
        _tell(known, "registered", occasion=f"registered again {local_date(now)}", now=now)
        raise RegisteredBefore
    (code,) = links.fresh_codes(session, 1)
    made = Registration(
        uid=uuid.uuid4(), hall=data.hall, comes_from=data.comes_from, needs=data.needs, people=min(data.people, MOST_PEOPLE),
        state=RegistrationState.WAITING, check_in_code=code, token_digest=digest, locale=data.locale, created_at=now,
    )  # fmt: skip
    made.name, made.phone, made.email = data.name, data.phone, data.email
    made.link_digest = links.digest_of(made)
    if _fits(session, made.hall, made.people):
        made.state = RegistrationState.SEATED
    session.registrations.append(made)
    db.session.flush()
    record(actor or SENDER, "session.registered", session, at=now, registration_id=made.id, people=made.people)
    by_themselves = actor is None and data.form == "web"
    agreeing.agree(made, "notices-seat-1" if by_themselves else "notices-seat-left-1", form="desk" if actor else data.form, now=now)
    _tell(made, "registered", now=now)
    return made


def _known(session: Session, data: RegistrationData) -> Registration | None:
    """Return the registration of the same telephone; of the same e-mail where no telephone is given."""
    there = [each for each in session.registrations if each.state != RegistrationState.CANCELLED]
    if data.phone:
        return next((each for each in there if each.phone == data.phone), None)
    email = data.email.casefold()
    return next((each for each in there if email and (each.email or "").casefold() == email), None)


def change(registration: Registration, data: SeatData, *, now: dt.datetime) -> None:
    """Change how many come, where they sit and what they need; what does not fit is refused and the seat stays as it was.

    :raise RegisteringOver: :raise Cancelled: :raise NoRoom:
    """
    session = _opened(registration, now)
    seated = registration.state == RegistrationState.SEATED
    freed = (registration.people, registration.hall_id) if seated else (0, None)
    if seated and not _fits(session, data.hall, data.people, freed=freed):
        raise NoRoom
    registration.people, registration.hall, registration.needs = min(data.people, MOST_PEOPLE), data.hall, data.needs
    registration.hall_id = data.hall.id if data.hall else None
    record(SENDER, "session.registration_changed", session, at=now, registration_id=registration.id, people=registration.people)
    move_up(session, actor=SENDER, now=now)


def cancel(registration: Registration, *, actor: User | None, now: dt.datetime) -> None:
    """Give the seat back, to whoever waits for it; told to who prepares (*actor*), or by the link. Who it was is forgotten.

    :raise NotAllowed: :raise RegisteringOver: :raise Cancelled: it was before.
    """
    if actor is not None:
        require(rules.may_prepare(actor.reach, queries.standing_of(registration.session)))
    session = _opened(registration, now, statuses=rules.INVITING)  # whoever cannot come on another day need not wait for it
    registration.state = RegistrationState.CANCELLED
    empty(registration, actor=actor or SENDER, now=now)
    record(actor or SENDER, "session.registration_cancelled", session, at=now, registration_id=registration.id)
    move_up(session, actor=actor or SENDER, now=now)


def empty(registration: Registration, *, actor: Actor, now: dt.datetime) -> None:
    """Keep of a seat how many came and where they sat, and nothing of who they were, nor what was or is to be written to them."""
    agreeing.write_no_more(registration, actor=actor, now=now)
    registration.name = None
    registration.comes_from = registration.needs = ""


def forget_given_back(*, now: dt.datetime) -> None:
    """Empty the seats that were given back before that emptied them."""
    named = Registration.name_sealed.is_not(None) | Registration.phone_sealed.is_not(None) | Registration.email_sealed.is_not(None)
    given_back = db.select(Registration).where(Registration.state == RegistrationState.CANCELLED, named)
    for each in db.session.scalars(given_back.order_by(Registration.id)).all():
        empty(each, actor=SYSTEM, now=now)


def move_up(session: Session, *, actor: Actor, now: dt.datetime) -> list[Registration]:
    """Give the free seats to those who wait, in their order, and tell them. A group that is too large lets smaller ones pass.

    Also for whoever adds seats to a session.
    """
    lock(session)
    moved = []
    for each in waiting(session) if is_open(session, now) else ():
        if _fits(session, each.hall, each.people):
            each.state = RegistrationState.SEATED
            record(actor, "session.seat_found", session, at=now, registration_id=each.id)
            _tell(each, "seat_found", now=now)
            moved.append(each)
    return moved


def _opened(registration: Registration, now: dt.datetime, statuses: frozenset[Status] = rules.REGISTERING) -> Session:
    session = registration.session
    lock(session)
    if session.status not in statuses or _begun(session, now):
        raise RegisteringOver
    if registration.state == RegistrationState.CANCELLED:
        raise Cancelled
    return session


def free(session: Session, hall: Hall | None) -> int:
    """Return how many more people find a seat in *hall*; where nobody counts them, all that may come together."""
    left = [MOST_PEOPLE]
    if session.capacity is not None:
        left.append(session.capacity - taken(session))
    if hall is not None and hall.seats is not None:
        left.append(hall.seats - taken(session, hall))
    return max(0, min(left))


def halls_that_fit(waits: Registration) -> list[Hall]:
    """Return the other halls that have room for all of *waits*."""
    return [hall for hall in waits.session.halls if hall is not waits.hall and _fits(waits.session, hall, waits.people)]


def _fits(session: Session, hall: Hall | None, people: int, *, freed: tuple[int, int | None] = (0, None)) -> bool:
    """Say whether *people* more find a seat, once *freed* (people, hall) have left theirs."""
    leaving, left_hall = freed
    if session.capacity is not None and taken(session) - leaving + people > session.capacity:
        return False
    if hall is None or hall.seats is None:
        return True
    return taken(session, hall) - (leaving if left_hall == hall.id else 0) + people <= hall.seats


def _tell(registration: Registration, template: str, *, now: dt.datetime, occasion: str = "") -> None:
    channel, address = (Channel.EMAIL, registration.email) if registration.email else (Channel.SMS, registration.phone)
    if address:
        notify(
            channel=channel, template=f"dialogues/notices/{template}", about=registration, now=now, occasion=occasion or template,
            address=address, locale=registration.locale, registration_id=registration.id, code=registration.session.code,
            starts_at=registration.session.starts_at, waits=registration.state == RegistrationState.WAITING,
        )  # fmt: skip
