"""People, units and groups are asked to come: written down, told, answered for, counted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app import consents, outbox
from app.access import SENDER, require
from app.accounts.models import User
from app.accounts.queries import holders
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from app.outbox import Channel, notify, notify_users
from app.permissions import Permission
from app.units.models import Unit
from dialogues import links, queries, rules
from dialogues.models import Attendance, Invitation, Session
from dialogues.operations import agreeing
from dialogues.rules import GuestAnswer, GuestKind

TOLD = "dialogues/notices/invited"


class InvitingOver(Exception):
    """The session has begun, is over or was called off: nobody is asked to come any more, and no answer is changed."""


class NotAnnounced(Exception):
    """Nobody is told of a session before it is announced."""


class GuestCame(Exception):
    """The guest was marked at the door: they stay on the list."""


class DeputyMissing(Exception):
    """Somebody else comes, and nobody said who."""


@dataclass(frozen=True, kw_only=True)
class GuestData:
    """A guest as typed."""

    kind: GuestKind
    name: str
    title: str = ""
    unit: Unit | None = None
    seats: int = 1
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Answers:
    """What the guests of a session answered: how many invitations, and for how many seats."""

    guests: Counter[str | None]  # by answer; None: not yet
    seats: Counter[str | None]


def count(session: Session) -> Answers:
    """Return how many answered what."""
    answers = Answers(Counter(), Counter())
    for guest in session.invitations:
        answers.guests[guest.answer] += 1
        answers.seats[guest.answer] += guest.seats
    return answers


def invite(session: Session, guests: Sequence[GuestData], *, actor: User, now: dt.datetime) -> list[Invitation]:
    """Write *guests* down behind those that stand there, each with a link and a check-in code. :raise NotAllowed: :raise InvitingOver:"""
    _open(session, actor)
    made = []
    last = max((guest.position for guest in session.invitations), default=0)
    codes = links.fresh_codes(session, len(guests))
    for position, (data, code) in enumerate(zip(guests, codes, strict=True), start=last + 1):
        guest = Invitation(
            uid=uuid.uuid4(),
            position=position,
            kind=data.kind,
            name=data.name,
            title=data.title,
            unit=data.unit if data.kind is GuestKind.UNIT else None,
            seats=data.seats,
            check_in_code=code,
        )
        guest.email, guest.phone = data.email, data.phone
        guest.link_digest = links.digest_of(guest)
        session.invitations.append(guest)
        made.append(guest)
    record(actor, "session.invited", session, at=now, guests=len(made))
    return made


def send(session: Session, *, actor: User, now: dt.datetime) -> int:
    """Tell every guest who was not told yet, and return how many; a unit of ours is told through its heads.

    Who left neither e-mail nor phone gets the paper, and counts as told with the others.

    :raise NotAllowed: :raise NotAnnounced:
    """
    _open(session, actor)
    if session.status not in rules.REGISTERING:
        raise NotAnnounced
    waiting = [guest for guest in session.invitations if guest.issued_at is None]
    for guest in waiting:
        guest.issued_at = now
        _tell(guest, now=now)
    if waiting:
        record(actor, "session.invitations_sent", session, at=now, guests=len(waiting))
    return len(waiting)


def _tell(guest: Invitation, *, now: dt.datetime) -> None:
    facts = {"guest_id": guest.id, "code": guest.session.code, "starts_at": guest.session.starts_at}
    if guest.unit is not None:
        heads = holders(Permission.DIALOGUE_LEAD, guest.unit, on=local_date(now))
        notify_users(heads, f"{TOLD}_unit", guest, "invited", now, **facts)
    channel, address = (Channel.EMAIL, guest.email) if guest.email else (Channel.SMS, guest.phone)
    if address:
        notify(channel=channel, template=TOLD, about=guest, now=now, occasion="invited", address=address, **facts)


def answer(guest: Invitation, given: GuestAnswer, *, note: str = "", actor: User | None, now: dt.datetime) -> None:
    """Keep what *guest* answered, by their link (*actor* None) or told to who prepares; changeable until the session begins.

    Whoever comes agrees to be told of the session by that, if the answer is their own; whoever does not come is told no more.

    :raise NotAllowed: :raise InvitingOver: :raise DeputyMissing:
    """
    session = guest.session
    lock(session)
    if actor is not None:
        require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    if session.status not in rules.INVITING or (session.starts_at is not None and now >= session.starts_at):
        raise InvitingOver
    if given is GuestAnswer.DEPUTY and not note.strip():
        raise DeputyMissing
    guest.answer, guest.answer_note, guest.answered_at = given, note if given is GuestAnswer.DEPUTY else "", now
    record(actor or SENDER, "session.guest_answered", session, at=now, guest_id=guest.id, answer=given)
    if given is GuestAnswer.NOT_COMING:
        consents.end([guest], actor=actor or SENDER, now=now)
    elif actor is None:
        agreeing.agree(guest, "notices-guest-1", form="web", now=now)


def remove(guest: Invitation, *, actor: User, now: dt.datetime) -> None:
    """Take *guest* off the list: the link opens nothing any more. :raise NotAllowed: :raise InvitingOver: :raise GuestCame:"""
    session = guest.session
    _open(session, actor)
    if db.session.scalar(db.select(Attendance.id).where(Attendance.invitation_id == guest.id)):
        raise GuestCame
    outbox.forget(guest)
    consents.forget(guest)
    record(actor, "session.guest_removed", session, at=now, guest_id=guest.id)
    session.invitations.remove(guest)
    db.session.delete(guest)


def _open(session: Session, actor: User) -> None:
    lock(session)
    require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    if session.status not in rules.INVITING:
        raise InvitingOver
