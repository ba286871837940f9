"""A citizen books a turn on a reception day, and gives it back; whoever booked is told of what changes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app import consents, crypto, outbox
from app.access import SENDER, Actor
from app.audit import record
from app.clock import LOCAL, local_date
from app.database import db, lock
from app.outbox import Channel, notify
from dialogues import duties
from dialogues.models import ReceptionDay, ReceptionVisit
from dialogues.operations import agreeing
from dialogues.rules import ReceptionState, VisitState
from feedback import codes

#: Before the number of the year in the code of a booking: "tiếp công dân".
PREFIX = "TCD"
#: Those that are to come or came; a cancelled booking leaves its place to another.
ACTIVE = frozenset({VisitState.BOOKED, VisitState.CAME, VisitState.STAYED_AWAY})
#: Nobody was received: nothing of it belongs to the register.
NOT_RECEIVED = frozenset({VisitState.CANCELLED, VisitState.STAYED_AWAY})


class DayClosed(Exception):
    """Nobody can book for it: it is over, began, was moved or cancelled."""


class SlotTaken(Exception):
    """Somebody else was faster, or there is no such slot."""


class BookedAlready(Exception):
    """The same telephone or e-mail has a place on that day."""


class TokenReused(Exception):
    """The form's token came before with another day or slot."""


@dataclass(frozen=True, kw_only=True)
class Booking:
    """Who wants to come, when, and about what; *position* counts the slots from 1."""

    position: int
    name: str
    subject: str
    phone: str = ""
    email: str = ""
    address: str = ""
    locale: str = "vi"


def begins_at(day: ReceptionDay) -> dt.datetime:
    """Return when *day* begins."""
    return dt.datetime.combine(day.day, day.begins, LOCAL)


def turn(visit: ReceptionVisit) -> dt.datetime:
    """Return when the slot of *visit* begins; whoever came unbooked is after the last slot."""
    return begins_at(visit.day) + dt.timedelta(minutes=visit.day.slot_minutes * (visit.position - 1))


def slots_of(day: ReceptionDay) -> dict[int, dt.time]:
    """Return when each slot of *day* begins, by position; who came without a booking stands behind the last."""
    return dict(enumerate(duties.slots(day.begins, day.ends, day.slot_minutes), start=1))


def free_slots(day: ReceptionDay) -> dict[int, dt.time]:
    """Return the slots that nobody has, by position."""
    had = {visit.position for visit in day.visits if visit.state in ACTIVE}
    return {at: begin for at, begin in slots_of(day).items() if at not in had}


def is_open(day: ReceptionDay, now: dt.datetime) -> bool:
    """Say whether anybody may still book for *day*."""
    return day.state == ReceptionState.PLANNED and now < begins_at(day)


def book(day: ReceptionDay, booking: Booking, *, token: str, now: dt.datetime) -> ReceptionVisit:
    """Book a slot and tell whoever booked; the same *token* again returns the same booking and adds nothing.

    :raise DayClosed: :raise SlotTaken: :raise BookedAlready: :raise TokenReused:
    """
    digest = crypto.blind_index(f"reception:{token}")
    lock(day)
    before = db.session.scalar(db.select(ReceptionVisit).where(ReceptionVisit.token_digest == digest))
    if before is not None:
        if (before.day_id, before.position) != (day.id, booking.position):
            raise TokenReused
        return before
    if not is_open(day, now):
        raise DayClosed
    if booking.position not in free_slots(day):
        raise SlotTaken
    for other in day.visits:
        if other.state == VisitState.BOOKED and (
            (booking.phone and other.phone == booking.phone) or (booking.email and other.email == booking.email)
        ):
            raise BookedAlready
    visit = write(day, booking, now)
    visit.token_digest = digest
    record(SENDER, "reception.booked", day, at=now, visit_id=visit.id)
    agreeing.agree(visit, "notices-reception-1", form="web", now=now)
    tell(visit, "reception_booked", "booked", now=now, begins_at=turn(visit), venue=day.venue)
    return visit


def write(day: ReceptionDay, booking: Booking, now: dt.datetime, *, position: int | None = None) -> ReceptionVisit:
    """Store a line of the register, and return it."""
    visit = ReceptionVisit(
        position=position or booking.position, code=_fresh_code(now), subject=booking.subject, booked_at=now, locale=booking.locale
    )
    visit.state = VisitState.BOOKED
    visit.name, visit.phone, visit.email, visit.address = booking.name, booking.phone, booking.email, booking.address
    day.visits.append(visit)
    db.session.flush()
    return visit


def _fresh_code(now: dt.datetime) -> str:
    while True:
        code = codes.make_code(PREFIX, local_date(now).year)
        if visit_by_code(code) is None:
            return code


def visit_by_code(code: str) -> ReceptionVisit | None:
    """Return the booking with that code."""
    return db.session.scalar(db.select(ReceptionVisit).where(ReceptionVisit.code == code))


def why_not(day_id: int) -> str:
    """Return why that day was moved or called off, for a letter: a notice holds no words of its own."""
    day = db.session.get(ReceptionDay, day_id)
    return day.why_not if day is not None else ""


def cancel_visit(visit: ReceptionVisit, *, now: dt.datetime) -> None:
    """Let whoever booked give the place back before the day begins; who they were is forgotten. :raise DayClosed:"""
    lock(visit.day)
    if visit.state != VisitState.BOOKED or not is_open(visit.day, now):
        raise DayClosed
    visit.state = VisitState.CANCELLED
    _empty(visit, now=now)
    record(SENDER, "reception.booking_cancelled", visit.day, at=now, visit_id=visit.id)


def may_forget(visit: ReceptionVisit, now: dt.datetime) -> bool:
    """Say whether the day of *visit* is over or called off, and something of whoever booked can go."""
    over = visit.day.state == ReceptionState.CANCELLED or local_date(now) > visit.day.day
    return over and any((visit.phone, visit.email, visit.state in NOT_RECEIVED and (visit.name or visit.address)))


def forget_visit(visit: ReceptionVisit, *, now: dt.datetime) -> None:
    """Let whoever booked go out of it, by the code, once the day is over. :raise DayClosed: it is not, or nothing is left to go.

    Luật Tiếp công dân 2013: the register says whom the head received, with name and address (wording from memory); of them only the
    ways to reach them go.
    """
    lock(visit.day)
    if not may_forget(visit, now):
        raise DayClosed
    _empty(visit, now=now)
    record(SENDER, "reception.data_erased", visit.day, at=now, visit_id=visit.id)


def let_go(visit: ReceptionVisit, *, actor: Actor, now: dt.datetime) -> None:
    """Leave nothing of who booked or came, also in the register: its term is over."""
    _empty(visit, actor=actor, now=now)
    visit.name = visit.address = visit.token_digest = None


def _empty(visit: ReceptionVisit, *, now: dt.datetime, actor: Actor = SENDER) -> None:
    consents.end([visit], actor=actor, now=now)
    outbox.forget(visit)
    visit.phone = visit.email = None
    if visit.state in NOT_RECEIVED:
        visit.name = visit.address = None
        visit.subject = ""


def tell(visit: ReceptionVisit, template: str, occasion: str, *, now: dt.datetime, **facts: object) -> None:
    """Tell whoever booked: by e-mail where there is one, else by phone."""
    channel, address = (Channel.EMAIL, visit.email) if visit.email else (Channel.SMS, visit.phone)
    if not address:
        return
    notify(
        channel=channel,
        template=f"dialogues/notices/{template}",
        about=visit,
        now=now,
        occasion=occasion,
        address=address,
        locale=visit.locale,
        code=visit.code,
        unit=visit.day.unit.name,
        **facts,
    )
